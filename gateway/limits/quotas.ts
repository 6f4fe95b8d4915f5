import type { HeldLimit } from "../errors/limit-names.ts";
import type { HeldElsewhere } from "./peers.ts";

/** Counts what each identity or address holds, up to a limit for it and one for everybody together. */
export interface Quota {
  /** Takes one, or so many, for `key`, or says which limit forbids it. */
  take(key: string, amount?: number): HeldLimit | undefined;
  give(key: string, amount?: number): void;
}

/** The most that may be held, by the name of the limit. */
interface Bound {
  limit: HeldLimit;
  most: number;
}

interface QuotaOptions {
  each: Bound;
  all?: Bound | undefined;
  /** What other workers hold counts as well. */
  elsewhere?: HeldElsewhere | undefined;
}

const EVERYBODY = "";

export function createQuota({ each, all, elsewhere }: QuotaOptions): Quota {
  const held = new Map<string, number>();
  let total = 0;
  const exceeds = ({ limit, most }: Bound, key: string, count: number) =>
    count + (elsewhere?.of(limit, key) ?? 0) > most;
  const hold = (key: string, count: number, change: number) => {
    if (count === 0) held.delete(key);
    else held.set(key, count);
    total += change;
    elsewhere?.changed(each.limit, key, { count, most: each.most });
    if (all) elsewhere?.changed(all.limit, EVERYBODY, { count: total, most: all.most });
  };
  return {
    take: (key, amount = 1) => {
      const count = (held.get(key) ?? 0) + amount;
      if (exceeds(each, key, count)) return each.limit;
      if (all && exceeds(all, EVERYBODY, total + amount)) return all.limit;
      hold(key, count, amount);
      return undefined;
    },
    give: (key, amount = 1) => {
      const count = held.get(key) ?? 0;
      const given = Math.min(count, amount);
      if (given > 0) hold(key, count - given, -given);
    },
  };
}
