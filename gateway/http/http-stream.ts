import type { ServerResponse } from "node:http";
import type { GraphQLFormattedError } from "graphql";
import { CodedError } from "../../lib/errors.ts";
import { waitingAccountOf, type WaitingAccount } from "../limits/waiting-bytes.ts";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { EndReason } from "../subscriptions/metrics.ts";
import type { RunningOperation, Sink } from "../operation/operations.ts";
import type { SessionEnd } from "../operation/permits.ts";
import type { Session } from "../operation/session.ts";
import type { StreamFormat } from "./stream-format.ts";

/** One operation on one HTTP response. */
export class HttpStream implements Sink {
  readonly session: Session;
  readonly #response: ServerResponse;
  readonly #format: StreamFormat;
  readonly #account: WaitingAccount;
  #running: RunningOperation | undefined;
  #isOver = false;

  constructor(response: ServerResponse, format: StreamFormat, session: Session) {
    this.#response = response;
    this.#account = waitingAccountOf(response.socket);
    this.#format = format;
    this.session = session;
  }

  get isBusy(): boolean {
    return !this.#isOver && this.#running?.isSubscription === false;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  /** Holds what runs, unless it has ended while it began. */
  carry(running: RunningOperation | undefined): void {
    if (this.#isOver) running?.stop("completed");
    else this.#running = running;
  }

  write(event: LiveEvent): void {
    const known = event.bytes.get(this.#format.contentType);
    const bytes = known ?? Buffer.from(this.#format.event(event));
    if (!known) event.bytes.set(this.#format.contentType, bytes);
    if (!this.#isOver) this.#response.write(bytes);
  }

  whenDrained(callback: () => void): void {
    this.#response.once("drain", callback);
  }

  hold(bytes: number): void {
    this.#account.hold(bytes);
  }

  overflow(): void {
    this.cut("slow");
  }

  heartbeat(): void {
    if (!this.#isOver && this.bufferedBytes === 0) this.#response.write(this.#format.heartbeat);
  }

  result(json: string): void {
    if (!this.#isOver) this.#response.write(this.#format.result(json));
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#end(this.#format.fail(errors));
  }

  complete(): void {
    this.#end(this.#format.end);
  }

  /** Ends the stream with an error that says why its caller may no longer listen. */
  deny({ problem, reason }: SessionEnd): void {
    if (this.#isOver) return;
    this.#running?.stop(reason);
    const { code, message } = new CodedError("UNAUTHENTICATED", problem);
    this.fail([{ message, extensions: { code } }]);
  }

  /** Breaks the connection off, so that the client comes back. */
  cut(reason: EndReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#running?.stop(reason);
    this.#response.destroy();
  }

  /** The connection is gone. */
  closed(): void {
    this.#isOver = true;
    this.#running?.stop("disconnected");
  }

  #end(lastWords: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#response.end(lastWords);
  }
}
