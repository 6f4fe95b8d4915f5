import type { ExecutionResult } from "graphql";
import type { Listener } from "./listener.ts";
import { afterGap, type LiveEvent } from "./live-event.ts";
import type { TriggerPlan } from "./plan-trigger.ts";

/** What a subgraph told last of a state, from which it can be completed anew at any time. */
export interface State {
  id: string;
  /** The subgraph's event as JSON. */
  text: string;
  plan: TriggerPlan;
  /** Something came after it that told no state. */
  isDoubtful: boolean;
}

/** What a listener that waits for the current state has to get. */
interface Waiting {
  /** It may have missed something. */
  hasGap: boolean;
  /** What it has to get if another event comes before the state is complete: the event as it was then. */
  missed?: LiveEvent | undefined;
}

/** What there is to say to a listener that waits for nothing. */
export const NOT_LATE: Waiting = { hasGap: false };

/**
 * Listeners that came after the event of now. They get the state as it is, not the event as it was: what other
 * subgraphs know may have changed since, and one that failed may be well again.
 */
export class LateListeners {
  readonly #waiting = new Map<Listener, Waiting>();
  #state: State | undefined;

  /** What a listener waits for. */
  get wanted(): State | undefined {
    return this.#waiting.size > 0 ? this.#state : undefined;
  }

  /** Whether somebody waits. */
  get areThere(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether there is a state to wait for; then the listener does. */
  add(listener: Listener, waiting: Waiting): boolean {
    if (this.#state) this.#waiting.set(listener, waiting);
    return this.#state !== undefined;
  }

  remove(listener: Listener): void {
    this.#waiting.delete(listener);
  }

  /** Remembers what the subgraph has said of its state. An error says nothing of it, and leaves it in doubt. */
  remember({ data }: ExecutionResult, told: { text: string; plan: TriggerPlan; id?: string }): void {
    const id = told.id ?? this.#state?.id;
    if (data === undefined || data === null) {
      if (this.#state) this.#state.isDoubtful = true;
    } else if (id !== undefined) {
      this.#state = { id, text: told.text, plan: told.plan, isDoubtful: false };
    }
  }

  /** Gives the state to all who wait for it; returns how many there were. */
  deliver(event: LiveEvent, { isDoubtful }: { isDoubtful: boolean }): number {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    const told = afterGap(event);
    for (const [listener, { hasGap }] of waiting) listener.event(hasGap || isDoubtful ? told : event);
    event.bytes.clear();
    told.bytes.clear();
    return waiting.length;
  }

  /** A newer event takes the place of the state, for whoever waits for it; says what has to come before. */
  overtake(listener: Listener): Waiting {
    const waiting = this.#waiting.get(listener) ?? NOT_LATE;
    this.#waiting.delete(listener);
    return waiting.hasGap ? { hasGap: true } : waiting;
  }
}
