import type { Position } from "../../lib/broker/broker.ts";
import { comparePositions } from "../event-streams/topics.ts";
import type { TriggerPlan } from "./plan-trigger.ts";

/** How far a trigger is in what a broker has. */
export class BrokerPlace {
  readonly #opened = Promise.withResolvers<Position>();
  #from: Position | undefined;
  /** The last that came. */
  #arrivedAt: Position | undefined;
  /** The last that went to those who listen. */
  toldAt: Position | undefined;

  /** Resolves with the position from which on events come. */
  get opened(): Promise<Position> {
    return this.#opened.promise;
  }

  open(from: Position | undefined): void {
    if (from === undefined) return;
    this.#from ??= from;
    this.#opened.resolve(from);
  }

  /** Behind which all is to come; undefined before the stream has been open. */
  get at(): Position | undefined {
    return this.#arrivedAt ?? this.#from;
  }

  /** The broker does not have what came before. */
  goOnBehind(position: Position): void {
    this.#arrivedAt = position;
  }

  /** Whether an event is news: a stream that takes over brings what the former has brought. */
  takes(position: Position): boolean {
    const isKnown = this.#arrivedAt !== undefined && (comparePositions(position, this.#arrivedAt) ?? 1) <= 0;
    if (!isKnown) this.#arrivedAt = position;
    return !isKnown;
  }

  /** The id of what comes before all that is to come. */
  idIn({ source }: TriggerPlan): string | undefined {
    const at = this.toldAt ?? this.#from;
    return at === undefined ? undefined : source?.idOf(at);
  }
}
