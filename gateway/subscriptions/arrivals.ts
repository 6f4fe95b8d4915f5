import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionResult } from "graphql";
import type { Position } from "../../lib/broker/broker.ts";
import type { TriggerPlan } from "./plan-trigger.ts";

/** An event of a subgraph that has yet to be completed. */
export interface Arrival {
  event: ExecutionResult;
  /** The same as JSON, for it is changed when it is completed. */
  text: string;
  plan: TriggerPlan;
  /** The number of the stream that it came from. */
  stream: number;
  /** Where a broker has it. */
  position?: Position | undefined;
  atMs: number;
}

const LIMIT = 1_024;
const LIMIT_CHARACTERS = 16_777_216;
const WAIT_MS = 5;

/** What waits to be completed, bounded in number and size: the oldest give way. */
export class Arrivals {
  readonly #waiting: Arrival[] = [];
  #characters = 0;

  /** Resolves when there is room for more; undefined when there is. For whoever can wait, and loses nothing then. */
  room(): Promise<void> | undefined {
    const isFilling = () => this.#waiting.length >= LIMIT / 4 || this.#characters >= LIMIT_CHARACTERS / 4;
    if (!isFilling()) return undefined;
    const wait = async () => {
      while (isFilling()) await sleep(WAIT_MS, undefined, { ref: false });
    };
    return wait();
  }

  /** Returns whether others had to give way that nobody will see. */
  add(arrival: Arrival, { conflate }: { conflate: boolean }): boolean {
    if (conflate) this.clear();
    this.#waiting.push(arrival);
    this.#characters += arrival.text.length;
    let hasLost = false;
    while (
      this.#waiting.length > LIMIT ||
      (this.#characters > LIMIT_CHARACTERS && this.#waiting.length > 1)
    ) {
      this.take();
      hasLost = true;
    }
    return hasLost;
  }

  take(): Arrival | undefined {
    const [first] = this.#waiting.splice(0, 1);
    this.#characters -= first?.text.length ?? 0;
    return first;
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#characters = 0;
  }
}
