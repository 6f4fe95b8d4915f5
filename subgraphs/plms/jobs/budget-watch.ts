import { EVENTS_CHANNEL } from "../adapters/events.ts";
import { watchBudgets, watchTogether } from "../operations/watch-budget.ts";
import { startJob, type JobOptions, type Ongoing } from "./job.ts";

const HINT = "project:";
/** Shortest time between two looks at one budget. */
const SPACING_MS = 1_000;

/**
 * Looks at a budget whenever its project changes here, and in rounds at all that burn while time alone changes them, or
 * that a process changed which may not have lived to look.
 */
export async function watchOverBudgets({ config, deps, ports }: JobOptions): Promise<readonly Ongoing[]> {
  const onFailure = (err: unknown, projectId: string) =>
    deps.log.warn({ err, projectId }, "could not look at a budget; the next look comes by itself");
  const looks = startLooks(async (projectIds) => {
    await watchTogether(ports, projectIds, onFailure).catch((err: unknown) =>
      deps.log.warn({ err, projectIds }, "could not look at budgets; the next look comes by itself"),
    );
  });
  const endListening = deps.notifications.listenToOwn(EVENTS_CHANNEL, (payload) => {
    if (payload.startsWith(HINT)) looks.at(payload.slice(HINT.length));
  });
  const listening: Ongoing = {
    close: async () => {
      endListening();
      await looks.close();
    },
  };
  const round = () => watchBudgets(ports, onFailure);
  return [listening, startJob({ name: "watch-budgets", everyMs: config.runwayRefreshMs, round }, deps)];
}

/** Looks at once at what was not looked at for a second, and together at all that is due; one look at a time. */
function startLooks(
  look: (projectIds: string[]) => Promise<void>,
): Ongoing & { at(projectId: string): void } {
  const pending = new Set<string>();
  const restsUntilMs = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let beginsAtMs = Infinity;
  let looking: Promise<void> | undefined;
  let isClosed = false;

  const dueMs = (projectId: string) => restsUntilMs.get(projectId) ?? 0;
  const beginAt = (atMs: number) => {
    if (isClosed || looking !== undefined || atMs >= beginsAtMs) return;
    clearTimeout(timer);
    beginsAtMs = atMs;
    timer = setTimeout(begin, Math.max(0, atMs - performance.now()));
  };
  const begin = () => {
    const nowMs = performance.now();
    const due = [...pending].filter((projectId) => dueMs(projectId) <= nowMs);
    for (const projectId of due) pending.delete(projectId);
    looking = look(due).finally(() => {
      looking = undefined;
      beginsAtMs = Infinity;
      for (const [projectId, untilMs] of restsUntilMs) if (untilMs <= nowMs) restsUntilMs.delete(projectId);
      for (const projectId of due) restsUntilMs.set(projectId, performance.now() + SPACING_MS);
      for (const projectId of pending) beginAt(dueMs(projectId));
    });
  };
  return {
    at: (projectId) => {
      pending.add(projectId);
      beginAt(dueMs(projectId));
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
