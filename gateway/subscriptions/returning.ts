import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionResult } from "graphql";
import type { Position } from "../../lib/broker/broker.ts";
import { isCodedError } from "../../lib/errors.ts";
import type { EventSource, SourceEvent, SourcePage } from "../event-streams/event-source.ts";
import { comparePositions } from "../event-streams/topics.ts";
import type { BrokerPlace } from "./broker-place.ts";
import type { Completed } from "./completion.ts";
import type { Listener } from "./listener.ts";
import { afterGap, toLiveEvent, type LiveEvent } from "./live-event.ts";
import type { TriggerPlan } from "./plan-trigger.ts";
import type { TriggerDependencies } from "./trigger-spec.ts";

/** What those who come back need of their trigger. */
export interface ReturningTo {
  plan(): TriggerPlan;
  place: BrokerPlace;
  conflate: boolean;
  complete(event: ExecutionResult): Promise<Completed>;
}

/** One who comes back. */
interface Returner {
  /** The last event that it has. */
  id: string;
  /** Up to which position it has everything, once live events follow; undefined while it reads. */
  at: Position | undefined;
}

/** Completed events that are kept for others who come back at the same time. */
const KEPT_MAX = 1_024;
const RETRY_MS = 250;
const BUSY_MS = 10;

/**
 * Listeners who come back to an event stream: what they missed is read from the broker, at any gateway, while live events
 * go to the others; then they hear what comes. Or they are told at once that there is a gap.
 */
export class Returning {
  readonly #deps: Pick<TriggerDependencies, "clock" | "meter">;
  readonly #to: ReturningTo;
  readonly #returners = new Map<Listener, Returner>();
  /** Each event is completed once for all who come back. */
  readonly #completed = new Map<Position, Promise<LiveEvent>>();
  /** What is being read behind a position, for all who were cut off there. */
  readonly #reading = new Map<Position, Promise<SourcePage | undefined>>();

  constructor(deps: Pick<TriggerDependencies, "clock" | "meter">, to: ReturningTo) {
    this.#deps = deps;
    this.#to = to;
  }

  add(listener: Listener, lastEventId: string): void {
    const returner = { id: lastEventId, at: undefined };
    this.#returners.set(listener, returner);
    void this.#bringBack(listener, returner);
  }

  remove(listener: Listener): void {
    this.#returners.delete(listener);
    if (this.#returners.size === 0) this.#completed.clear();
  }

  clear(): void {
    this.#returners.clear();
    this.#completed.clear();
  }

  /** Whether a listener gets a live event in another way, or has it. */
  skips(listener: Listener, position: Position): boolean {
    const returner = this.#returners.get(listener);
    if (!returner) return false;
    if (returner.at === undefined || (comparePositions(position, returner.at) ?? 1) <= 0) return true;
    this.remove(listener);
    return false;
  }

  /** An event that says nothing new, with the id of the last that this listener has: it must not go on behind others. */
  own(listener: Listener, event: LiveEvent): LiveEvent {
    const returner = this.#returners.get(listener);
    if (!returner || returner.at !== undefined) return event;
    const text = event.text.replace(
      /"eventId":"[^"]*"(?=[^"]*\}\}$)/,
      `"eventId":${JSON.stringify(returner.id)}`,
    );
    return { ...event, id: returner.id, text, bytes: new Map() };
  }

  get #source(): EventSource {
    return this.#to.plan().source as EventSource;
  }

  async #bringBack(listener: Listener, returner: Returner): Promise<void> {
    const from = await this.#to.place.opened;
    const marked = this.#source.positionOf(returner.id);
    const isWhole = marked !== undefined && (await this.#catchUp(listener, returner, marked));
    if (!this.#isHere(listener, returner)) return;
    this.#deps.meter.resumed(isWhole);
    if (!isWhole) returner.at = this.#tellGap(listener, from);
  }

  #isHere = (listener: Listener, returner: Returner): boolean => this.#returners.get(listener) === returner;

  /**
   * Delivers all that is behind a position, until live events go on from there; false when something is lost. That they do is
   * settled in the moment in which nothing is missing: one turn later there may be another event.
   */
  async #catchUp(listener: Listener, returner: Returner, after: Position): Promise<boolean> {
    let at = after;
    while (this.#isHere(listener, returner)) {
      const page = await this.#read(at);
      if (page?.isLost) return false;
      if (!page) continue;
      const events = this.#to.conflate ? page.events.slice(-1) : page.events;
      for (const event of events) await this.#deliver(listener, returner, event);
      at = page.end ?? at;
      // Read before the last live event came: that may be missing.
      const isBehind = (comparePositions(this.#to.place.toldAt ?? at, at) ?? 0) > 0;
      if (page.end !== undefined || isBehind) continue;
      returner.at = at;
      return true;
    }
    return false;
  }

  #read(at: Position): Promise<SourcePage | undefined> {
    const known = this.#reading.get(at);
    if (known) return known;
    const reading = this.#ask(at).finally(() => this.#reading.delete(at));
    this.#reading.set(at, reading);
    return reading;
  }

  async #ask(at: Position): Promise<SourcePage | undefined> {
    try {
      return await this.#source.read(at);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      await sleep(RETRY_MS, undefined, { ref: false });
      return undefined;
    }
  }

  async #deliver(listener: Listener, returner: Returner, event: SourceEvent): Promise<void> {
    const completed = await this.#once(event);
    // Whoever is slow is waited for: nobody else waits here.
    while (listener.isBehind === true && this.#isHere(listener, returner))
      await sleep(BUSY_MS, undefined, { ref: false });
    if (!this.#isHere(listener, returner)) return;
    listener.event(completed);
    completed.bytes.clear();
    returner.id = completed.id;
    this.#deps.meter.delivered(1);
  }

  #once({ event, position }: SourceEvent): Promise<LiveEvent> {
    const known = this.#completed.get(position);
    if (known) return known;
    const id = this.#source.idOf(position);
    const completing = this.#to.complete(event).then((completed) => completed.as(id));
    if (this.#completed.size >= KEPT_MAX) this.#completed.clear();
    this.#completed.set(position, completing);
    return completing;
  }

  /** An event without data that says so, and from where on everything comes. */
  #tellGap(listener: Listener, from: Position): Position {
    const position = this.#to.place.toldAt ?? from;
    listener.event(gapAt(this.#source.idOf(position), this.#deps.clock.monotonicMs()));
    this.#deps.meter.delivered(1);
    return position;
  }
}

/** What those hear who have missed something: no data, and the id of what comes before all that follows. */
export const gapAt = (id: string, atMs: number): LiveEvent => afterGap(toLiveEvent("null", { id, atMs }));
