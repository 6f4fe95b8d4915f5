import type { DrillContext } from "./drill.ts";

/**
 * Starts something that is stopped when the drill is over, even if that comes while it still starts: then it is
 * stopped as soon as it has started. Nothing is started once the drill is over.
 *
 * @throws whatever `start` throws
 */
export async function own<T>(
  defer: DrillContext["defer"],
  start: () => Promise<T>,
  stop: (started: T) => Promise<unknown> | void,
): Promise<T> {
  const { promise: started, resolve, reject } = Promise.withResolvers<T>();
  defer(async () => {
    const outcome = await started.then(
      (value) => ({ value }),
      () => undefined,
    );
    if (outcome) await stop(outcome.value);
  });
  start().then(resolve, reject);
  return started;
}
