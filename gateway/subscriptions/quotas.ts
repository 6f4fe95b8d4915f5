/** Counts what each identity holds, up to a limit for it and one for everybody together. */
export interface Quota {
  /** Takes one for `key`; false when it already holds as many as it may. */
  take(key: string): boolean;
  give(key: string): void;
  /** Everything that is held by everybody. */
  readonly total: number;
}

export function createQuota(limit: number, limitOfAll = Number.POSITIVE_INFINITY): Quota {
  const held = new Map<string, number>();
  let total = 0;
  return {
    take: (key) => {
      const count = held.get(key) ?? 0;
      if (count >= limit || total >= limitOfAll) return false;
      held.set(key, count + 1);
      total += 1;
      return true;
    },
    give: (key) => {
      const count = held.get(key) ?? 0;
      if (count === 0) return;
      total -= 1;
      if (count === 1) held.delete(key);
      else held.set(key, count - 1);
    },
    get total() {
      return total;
    },
  };
}
