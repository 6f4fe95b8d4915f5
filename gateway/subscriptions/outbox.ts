import type { Delivery } from "./delivery.ts";
import type { LiveEvent } from "./live-event.ts";

/** A connection as the events of one subscription see it. */
export interface Lane {
  /** Bytes that the client has not taken yet. */
  readonly bufferedBytes: number;
  write(event: LiveEvent): void;
  /** Calls back once, when the client has taken everything. */
  whenDrained(callback: () => void): void;
  /** Ends the connection of a client that cannot keep up. */
  overflow(): void;
}

/** Bytes that may wait in a connection before its events wait outside. */
export const LANE_LIMIT_BYTES = 65_536;

/** Keeps a slow client from costing memory: its events wait here, the latest only or up to a limit. */
export class Outbox {
  #waiting: LiveEvent[] = [];
  #isWaiting = false;
  #finish: (() => void) | undefined;
  readonly #lane: Lane;
  readonly #delivery: Delivery;
  readonly #onConflated: () => void;

  constructor(lane: Lane, delivery: Delivery, onConflated: () => void) {
    this.#lane = lane;
    this.#delivery = delivery;
    this.#onConflated = onConflated;
  }

  put(event: LiveEvent): void {
    if (!this.#isWaiting && this.#lane.bufferedBytes <= LANE_LIMIT_BYTES) {
      this.#lane.write(event);
      return;
    }
    if (this.#delivery.conflate && this.#waiting.length > 0) {
      this.#waiting.length = 0;
      this.#onConflated();
    }
    this.#waiting.push(event);
    if (this.#waiting.length > this.#delivery.queueLimit) {
      this.drop();
      this.#lane.overflow();
      return;
    }
    this.#wait();
  }

  /** Runs `action` after everything that waits has been written. */
  finish(action: () => void): void {
    if (this.#waiting.length === 0) action();
    else this.#finish = action;
  }

  /** Forgets everything that waits. */
  drop(): void {
    this.#waiting = [];
    this.#finish = undefined;
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#lane.whenDrained(() => {
      this.#isWaiting = false;
      this.#flush();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.#lane.bufferedBytes <= LANE_LIMIT_BYTES) {
      const [next] = this.#waiting.splice(0, 1);
      if (next) this.#lane.write(next);
    }
    if (this.#waiting.length > 0) {
      this.#wait();
      return;
    }
    this.#finish?.();
    this.#finish = undefined;
  }
}
