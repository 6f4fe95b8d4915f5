import type { HeldLimit } from "../errors/limit-names.ts";

/** Counts what each identity or address holds, up to a limit for it and one for everybody together. */
export interface Quota {
  /** Takes one, or so many, for `key`, or says which limit forbids it. */
  take(key: string, amount?: number): HeldLimit | undefined;
  give(key: string, amount?: number): void;
}

/** The most that may be held, by the name of the limit. */
export interface Bound {
  limit: HeldLimit;
  most: number;
}

export function createQuota({ each, all }: { each: Bound; all?: Bound }): Quota {
  const held = new Map<string, number>();
  let total = 0;
  return {
    take: (key, amount = 1) => {
      const count = held.get(key) ?? 0;
      if (count + amount > each.most) return each.limit;
      if (all && total + amount > all.most) return all.limit;
      held.set(key, count + amount);
      total += amount;
      return undefined;
    },
    give: (key, amount = 1) => {
      const count = held.get(key) ?? 0;
      const given = Math.min(count, amount);
      total -= given;
      if (count === given) held.delete(key);
      else held.set(key, count - given);
    },
  };
}
