import {
  accuracyOf,
  estimatedFigures,
  totalOf,
  type Accuracy,
  type Figures,
} from "../domain/project-metrics.ts";
import type { Effort } from "../domain/extrapolate.ts";
import type { Metric } from "../domain/prior.ts";
import { tasksOf } from "../domain/task-belief.ts";
import type { Ports } from "../ports.ts";
import { loadPriors } from "./priors.ts";

/** What a project was estimated at, what it came to, and how well its lanes are known. */
export interface ProjectMetrics {
  /** The newest run that does the project's work; null before the first. */
  runId: string | null;
  estimated: Figures;
  /** Null before the first run. */
  actual: Effort | null;
  /** Null until the run has completed. */
  accuracy: Accuracy | null;
  /** Null without intervals. */
  calibration: { laneId: number; maeTokens: number | null; maePct: number | null }[] | null;
}

/** Intervals come from what was known when the run started: a run never vouches for its own estimate. */
export async function projectMetrics(
  ports: Pick<Ports, "insights" | "priors">,
  project: { id: string; tenant: string },
  { withIntervals }: { withIntervals: boolean },
): Promise<ProjectMetrics> {
  const { lanes, run } = await ports.insights.metrics(project.id);
  const before = await loadPriors(ports, project.tenant, run?.startedAt ?? undefined);
  const beliefOf = (laneId: number, metric: Metric) =>
    tasksOf(before({ laneId, provider: null }).prior[metric]);
  const estimated = estimatedFigures(lanes, withIntervals ? beliefOf : undefined);
  const actual = run ? totalOf(lanes, "actual") : null;
  const now = withIntervals ? await loadPriors(ports, project.tenant) : undefined;
  return {
    runId: run?.id ?? null,
    estimated,
    actual,
    accuracy: actual && run?.status === "completed" ? accuracyOf(estimated, actual) : null,
    calibration: now
      ? lanes.map(({ laneId }) => {
          const { tokens, observations } = now({ laneId, provider: null }).prior;
          return observations === 0
            ? { laneId, maeTokens: null, maePct: null }
            : { laneId, maeTokens: tokens.mae, maePct: (tokens.mae / tokens.perTask.mu) * 100 };
        })
      : null,
  };
}
