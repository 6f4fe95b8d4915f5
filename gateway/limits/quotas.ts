import type { HeldLimit } from "./limit-names.ts";

/** Counts what each identity or address holds, up to a limit for it and one for everybody together. */
export interface Quota {
  /** Takes one for `key`, or says which limit forbids it. */
  take(key: string): HeldLimit | undefined;
  give(key: string): void;
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
    take: (key) => {
      const count = held.get(key) ?? 0;
      if (count >= each.most) return each.limit;
      if (all && total >= all.most) return all.limit;
      held.set(key, count + 1);
      total += 1;
      return undefined;
    },
    give: (key) => {
      const count = held.get(key) ?? 0;
      if (count === 0) return;
      total -= 1;
      if (count === 1) held.delete(key);
      else held.set(key, count - 1);
    },
  };
}
