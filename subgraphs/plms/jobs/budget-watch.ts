import { setTimeout as sleep } from "node:timers/promises";
import { EVENTS_CHANNEL } from "../adapters/events.ts";
import { watchBudget, watchBudgets } from "../operations/watch-budget.ts";
import { startJob, type JobOptions, type Running } from "./job.ts";

const HINT = "project:";
/** Shortest time between two looks at one budget. */
const SPACING_MS = 1_000;

/** Looks at a budget whenever its project changes, and at all that burn while time alone changes them. */
export async function watchOverBudgets({ config, deps, ports }: JobOptions): Promise<readonly Running[]> {
  const pending = new Set<string>();
  const looks = new Map<string, Promise<void>>();
  const look = async (projectId: string): Promise<void> => {
    while (pending.delete(projectId)) {
      await watchBudget(ports, projectId).catch((err: unknown) =>
        deps.log.warn({ err, projectId }, "could not look at a budget; the next look comes by itself"),
      );
      await sleep(SPACING_MS, undefined, { ref: false });
    }
    looks.delete(projectId);
  };
  const endListening = await deps.notifications.listen(EVENTS_CHANNEL, {
    onHint: (payload) => {
      if (!payload.startsWith(HINT)) return;
      const projectId = payload.slice(HINT.length);
      pending.add(projectId);
      if (!looks.has(projectId)) looks.set(projectId, look(projectId));
    },
    onGap: () => undefined,
  });
  const listening: Running = {
    close: async () => {
      await endListening();
      pending.clear();
      await Promise.all(looks.values());
    },
  };
  const round = () => watchBudgets(ports);
  return [listening, startJob({ name: "watch-budgets", everyMs: config.runwayRefreshMs, round }, deps)];
}
