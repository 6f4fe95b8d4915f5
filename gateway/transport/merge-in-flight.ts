/** Calls that are equal and under way at the same time share one answer. */
export type MergeInFlight<T> = (caller: string, body: string, call: () => Promise<T>) => Promise<T>;

/** `caller` has to hold everything beside the body that the answer may depend on: every header that is sent. */
export function createMergeInFlight<T>(): MergeInFlight<T> {
  // Two steps, for one long key would be copied together and hashed for every call.
  const callers = new Map<string, Map<string, Promise<T>>>();
  return (caller, body, call) => {
    const underWay = callers.get(caller) ?? new Map<string, Promise<T>>();
    const known = underWay.get(body);
    if (known) return known;
    const started = call();
    callers.set(caller, underWay.set(body, started));
    const forget = () => {
      underWay.delete(body);
      if (underWay.size === 0) callers.delete(caller);
    };
    started.then(forget, forget);
    return started;
  };
}
