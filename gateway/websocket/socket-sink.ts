import type { GraphQLFormattedError } from "graphql";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { Sink } from "../operation/running.ts";
import { addressOf } from "./frames.ts";
import type { Wire } from "./wire.ts";

/** The answers to one operation as messages of graphql-transport-ws. */
export class SocketSink implements Sink {
  readonly #wire: Wire;
  readonly #id: string;
  readonly #on: { ended(): void; overflow(): void };
  readonly #address: Buffer;

  constructor(wire: Wire, id: string, on: { ended(): void; overflow(): void }) {
    this.#wire = wire;
    this.#id = id;
    this.#on = on;
    this.#address = addressOf(id);
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
    this.#on.overflow();
  }

  result(json: string): void {
    this.#wire.send(`{"id":${JSON.stringify(this.#id)},"type":"next","payload":${json}}`);
  }

  fail(errors: readonly GraphQLFormattedError[]): void {
    this.#on.ended();
    this.#wire.send(JSON.stringify({ id: this.#id, type: "error", payload: errors }));
  }

  complete(): void {
    this.#on.ended();
    this.#wire.send(JSON.stringify({ id: this.#id, type: "complete" }));
  }
}
