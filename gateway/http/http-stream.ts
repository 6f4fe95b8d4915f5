import type { ServerResponse } from "node:http";
import type { GraphQLFormattedError } from "graphql";
import { CodedError } from "../../lib/errors.ts";
import { waitingAccountOf, type WaitingAccount } from "../limits/waiting-bytes.ts";
import type { SessionEnd } from "../operation/permits.ts";
import type { RunningOperation, Sink } from "../operation/running.ts";
import type { Session } from "../operation/session.ts";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { EndReason } from "../subscriptions/metrics.ts";
import type { StreamFormat } from "./stream-format.ts";

/** The response that a stream is written to. */
export interface StreamResponse {
  raw: ServerResponse;
  format: StreamFormat;
  /** Names and values in turn. */
  headers: readonly string[];
  /** Says errors as a finished answer, where the client takes one and nothing has been said yet. */
  refuse: ((errors: readonly GraphQLFormattedError[], status: number) => void) | undefined;
}

/** One operation on one HTTP response. */
export class HttpStream implements Sink {
  readonly session: Session;
  readonly #response: ServerResponse;
  readonly #format: StreamFormat;
  readonly #head: StreamResponse;
  readonly #account: WaitingAccount;
  #running: RunningOperation | undefined;
  #isOver = false;

  constructor(response: StreamResponse, session: Session) {
    this.#head = response;
    this.#response = response.raw;
    this.#account = waitingAccountOf(response.raw.socket);
    this.#format = response.format;
    this.session = session;
  }

  get isBusy(): boolean {
    return !this.#isOver && this.#running?.isSubscription === false;
  }

  get bufferedBytes(): number {
    return this.#response.writableLength;
  }

  /** Holds what runs, unless it has ended while it began. A subscription that runs is a stream from now on. */
  carry(running: RunningOperation | undefined): void {
    if (this.#isOver) {
      running?.stop("completed");
      return;
    }
    this.#running = running;
    if (running?.isSubscription === true) this.#begin();
  }

  write(event: LiveEvent): void {
    const known = event.bytes.get(this.#format.contentType);
    const bytes = known ?? Buffer.from(this.#format.event(event));
    if (!known) event.bytes.set(this.#format.contentType, bytes);
    this.#write(bytes);
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
    if (this.bufferedBytes === 0) this.#write(this.#format.heartbeat);
  }

  result(json: string): void {
    this.#write(this.#format.result(json));
  }

  fail(errors: readonly GraphQLFormattedError[], status: number): void {
    if (this.#isOver) return;
    if (this.#response.headersSent || !this.#head.refuse) return this.#end(this.#format.fail(errors));
    this.#isOver = true;
    this.#head.refuse(errors, status);
  }

  complete(): void {
    this.#end(this.#format.end);
  }

  /** Ends the stream with an error that says why its caller may no longer listen. */
  deny({ problem, reason }: SessionEnd): void {
    if (this.#isOver) return;
    this.#running?.stop(reason);
    const { code, message } = new CodedError("UNAUTHENTICATED", problem);
    this.fail([{ message, extensions: { code } }], 401);
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

  #begin(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, [
      "content-type",
      this.#format.contentType,
      "cache-control",
      "no-cache, no-transform",
      "x-accel-buffering",
      "no",
      ...this.#head.headers,
    ]);
    this.#response.flushHeaders();
    if (this.#format.start) this.#response.write(this.#format.start);
  }

  #write(bytes: string | Buffer): void {
    if (this.#isOver) return;
    this.#begin();
    if (bytes.length > 0) this.#response.write(bytes);
  }

  #end(lastWords: string): void {
    if (this.#isOver) return;
    this.#begin();
    this.#isOver = true;
    this.#response.end(lastWords);
  }
}
