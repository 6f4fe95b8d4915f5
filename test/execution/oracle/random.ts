import { seeded } from "../support/random.ts";

/** Decisions that all follow from one seed. */
export class Random {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = seeded(seed);
  }

  /** True in this share of cases. */
  chance(share: number): boolean {
    return this.#next() < share;
  }

  /** A whole number from `least` to `most`. */
  number(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new Error("nothing to pick from");
    return values[this.number(0, values.length - 1)] as T;
  }

  /** At least `least` of the values, in their order. */
  some<T>(values: readonly T[], least = 1, share = 0.5): T[] {
    const chosen = new Set(values.filter(() => this.chance(share)));
    while (chosen.size < Math.min(least, values.length)) chosen.add(this.pick(values));
    return values.filter((value) => chosen.has(value));
  }
}
