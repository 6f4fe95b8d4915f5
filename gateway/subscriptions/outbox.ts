import type { Delivery } from "./delivery.ts";
import type { LiveEvent } from "./live-event.ts";

/** A connection as the events of one subscription see it. */
export interface Lane {
  /** Bytes that the client has not taken yet. */
  readonly bufferedBytes: number;
  write(event: LiveEvent): void;
  /** Calls back once, when the client has taken everything. */
  whenDrained(callback: () => void): void;
  /** Counts bytes that wait here for the client; negative when they no longer do. */
  hold(bytes: number): void;
  /** Ends the connection of a client that cannot keep up. */
  overflow(): void;
}

/** Bytes that may wait in a connection before its events wait outside. */
export const LANE_LIMIT_BYTES = 65_536;

/** What an outbox tells and asks whom it belongs to. */
export interface OutboxEvents {
  /** A later event took the place of one that waited. */
  conflated(): void;
  /** More events waited than may. */
  overflowed(): void;
  /** Whether the client may still have what has waited. */
  mayWrite(): boolean;
}

/** Keeps a slow client from costing memory: its events wait here, the latest only or up to a limit. */
export class Outbox {
  /** Made for those who are slow, and most are not. */
  #waiting: LiveEvent[] | undefined;
  #isWaiting = false;
  #finish: (() => void) | undefined;
  readonly #lane: Lane;
  readonly #delivery: Delivery;
  readonly #on: OutboxEvents;
  #lastWrittenId: string | undefined;

  /** @param lastWrittenId the last event that the client has from elsewhere */
  constructor(
    { lane, delivery, lastWrittenId }: { lane: Lane; delivery: Delivery; lastWrittenId?: string | undefined },
    on: OutboxEvents,
  ) {
    this.#lane = lane;
    this.#delivery = delivery;
    this.#lastWrittenId = lastWrittenId;
    this.#on = on;
  }

  /** The last event that did not have to wait here, or no longer does. */
  get lastWrittenId(): string | undefined {
    return this.#lastWrittenId;
  }

  /** Whether events wait here. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  put(event: LiveEvent): void {
    if (this.#isWaiting || this.#lane.bufferedBytes > LANE_LIMIT_BYTES) this.#keep(event);
    else this.#write(event);
  }

  #keep(event: LiveEvent): void {
    const waiting = (this.#waiting ??= []);
    if (this.#delivery.conflate && waiting.length > 0) {
      this.#forget(waiting.length);
      this.#on.conflated();
    }
    waiting.push(event);
    // May end everything here, where more waits for the connection than may.
    this.#lane.hold(event.text.length);
    if (waiting.length === 0) return;
    if (waiting.length > this.#delivery.queueLimit) {
      this.drop();
      this.#on.overflowed();
      this.#lane.overflow();
      return;
    }
    this.#wait();
  }

  /** Runs `action` after everything that waits has been written. */
  finish(action: () => void): void {
    if (this.#count === 0) action();
    else this.#finish = action;
  }

  /** Forgets everything that waits. */
  drop(): void {
    this.#forget(this.#count);
    this.#finish = undefined;
  }

  get #count(): number {
    return this.#waiting?.length ?? 0;
  }

  #wait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#lane.whenDrained(() => {
      this.#isWaiting = false;
      this.#flush();
    });
  }

  /** Takes the first of those that wait away. */
  #forget(count: number): LiveEvent[] {
    const taken = this.#waiting?.splice(0, count) ?? [];
    if (taken.length > 0) this.#lane.hold(-taken.reduce((sum, { text }) => sum + text.length, 0));
    return taken;
  }

  #write(event: LiveEvent): void {
    this.#lastWrittenId = event.id;
    this.#lane.write(event);
  }

  #flush(): void {
    if (this.#count > 0 && !this.#on.mayWrite()) return;
    while (this.#count > 0 && this.#lane.bufferedBytes <= LANE_LIMIT_BYTES) {
      const [next] = this.#forget(1);
      if (next) this.#write(next);
    }
    if (this.#count > 0) {
      this.#wait();
      return;
    }
    this.#finish?.();
    this.#finish = undefined;
  }
}
