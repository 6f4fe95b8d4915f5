import type { GraphQLFormattedError } from "graphql";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { Sink } from "../operation/running.ts";
import { addressOf } from "./frames.ts";
import type { Wire } from "./wire.ts";

/** The connection whose operations a sink answers. */
export interface SinkOwner {
  ended(sink: SocketSink): void;
  overflowed(): void;
}

/** The answers to one operation as messages of graphql-transport-ws. There may be very many: it holds nothing that it can do without. */
export class SocketSink implements Sink {
  readonly #wire: Wire;
  readonly #address: string;
  readonly #owner: SinkOwner;

  constructor(wire: Wire, id: string, owner: SinkOwner) {
    this.#wire = wire;
    this.#address = addressOf(id);
    this.#owner = owner;
  }

  get id(): string {
    return JSON.parse(this.#quotedId) as string;
  }

  get #quotedId(): string {
    return this.#address.slice(0, -1);
  }

  get bufferedBytes(): number {
    return this.#wire.bufferedBytes;
  }

  write(event: LiveEvent): void {
    this.#wire.sendEvent(event, this.#address);
  }

  whenDrained(callback: () => void): void {
    this.#wire.whenDrained(callback);
  }

  hold(bytes: number): void {
    this.#wire.hold(bytes);
  }

  overflow(): void {
    this.#owner.overflowed();
  }

  result(json: string): void {
    this.#wire.send(`{"id":${this.#quotedId},"type":"next","payload":${json}}`);
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#owner.ended(this);
    this.#wire.send(`{"id":${this.#quotedId},"type":"error","payload":${JSON.stringify(errors)}}`);
  }

  complete(): void {
    this.#owner.ended(this);
    this.#wire.send(`{"id":${this.#quotedId},"type":"complete"}`);
  }
}
