import { compareEventIds } from "./event-id.ts";
import type { KeptEvents } from "./kept-events.ts";
import type { LiveEvent } from "./live-event.ts";

/** What a client missed: the events, or that it is ahead of us, or that we cannot tell. */
export type Missed =
  | { kind: "known"; events: readonly LiveEvent[] }
  | { kind: "ahead" }
  | { kind: "unknown" };

const MAX_EVENTS = 256;
const MAX_CHARACTERS = 1_048_576;

/**
 * The latest events of a trigger, bounded in number and size; the very latest stays, unless all triggers together keep
 * more than they may.
 */
export class History {
  readonly #kept: KeptEvents;
  readonly #events: LiveEvent[] = [];
  #characters = 0;
  #stream = 0;
  #isCatchingUp = false;

  constructor(kept: KeptEvents) {
    this.#kept = kept;
  }

  get latest(): LiveEvent | undefined {
    return this.#events.at(-1);
  }

  add(event: LiveEvent): void {
    this.#events.push(event);
    this.#characters += event.text.length;
    const isOver = () => this.#events.length > MAX_EVENTS || this.#characters > MAX_CHARACTERS;
    while (this.#events.length > 1 && isOver()) this.#dropOldest();
    // Last, for it may make others give way, and this one, too.
    this.#kept.keep(event, () => this.#dropOldest());
  }

  clear(): void {
    while (this.#events.length > 0) this.#dropOldest();
  }

  /** All that is before an event is older, so whatever is forgotten here or there is the first. */
  #dropOldest(): void {
    const oldest = this.#events.shift();
    if (!oldest) return;
    this.#characters -= oldest.text.length;
    this.#kept.forget(oldest);
  }

  /** Of which stream the next event is; a new one may lag behind the former. */
  comesFrom(stream: number): void {
    if (stream !== this.#stream) this.#isCatchingUp = true;
    this.#stream = stream;
  }

  /** Whether a new stream tells what the former has told already, word for word; from its first news on it does not. */
  tellsAgain(id: string | undefined, text: string): boolean {
    if (!this.#isCatchingUp) return false;
    this.#isCatchingUp = this.#events.some((event) => event.id === id && event.text === text);
    return this.#isCatchingUp;
  }

  /**
   * What came after the event `id`. Another replica may have sent it: an ordered id between two of ours is as
   * good as one of ours, and one that is newer than all of ours means that we are late.
   */
  after(id: string): Missed {
    const index = this.#events.findLastIndex((event) => event.id === id);
    if (index >= 0) return { kind: "known", events: this.#events.slice(index + 1) };
    const [oldest, latest] = [this.#events[0], this.latest];
    if (!oldest || !latest) return { kind: "unknown" };
    if ((compareEventIds(latest.id, id) ?? 0) < 0) return { kind: "ahead" };
    const isCovered = (compareEventIds(oldest.id, id) ?? 0) < 0;
    if (!isCovered) return { kind: "unknown" };
    return {
      kind: "known",
      events: this.#events.filter((event) => (compareEventIds(event.id, id) ?? 0) > 0),
    };
  }
}
