import type { Alert } from "./domain/budget-alerts.ts";

/** Each alert that fires in the first snapshot, then each that is new or has changed since the one before. */
export function alertChanges(
  snapshots: AsyncIterator<readonly Alert[]>,
  isWanted: (alert: Alert) => boolean,
): AsyncIterableIterator<Alert> {
  const seen = new Map<string, string>();
  const pending: Alert[] = [];
  let isFirst = true;
  const take = (snapshot: readonly Alert[]) => {
    for (const alert of snapshot.toReversed().filter(isWanted)) {
      const version = `${alert.state} ${alert.kind}`;
      const isNews = isFirst ? alert.state === "firing" : seen.get(alert.id) !== version;
      if (isNews) pending.push(alert);
      seen.set(alert.id, version);
    }
    isFirst = false;
  };
  const changes: AsyncIterableIterator<Alert> = {
    next: async () => {
      for (;;) {
        const [alert] = pending.splice(0, 1);
        if (alert) return { value: alert, done: false };
        const snapshot = await snapshots.next();
        if (snapshot.done === true) return { value: undefined, done: true };
        take(snapshot.value);
      }
    },
    return: async () => {
      await snapshots.return?.();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => changes,
  };
  return changes;
}
