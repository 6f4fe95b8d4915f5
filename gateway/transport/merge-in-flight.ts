/** Calls that are equal and under way at the same time share one answer. */
export type MergeInFlight<T> = (key: string, call: () => Promise<T>) => Promise<T>;

/** The key has to hold everything that the answer may depend on: the body and every header that is sent. */
export function createMergeInFlight<T>(): MergeInFlight<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key, call) => {
    const known = underWay.get(key);
    if (known) return known;
    const started = call().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
