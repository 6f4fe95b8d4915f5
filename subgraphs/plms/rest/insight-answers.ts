import type { DriftPoint } from "../domain/drift.ts";
import type { Effort } from "../domain/extrapolate.ts";
import type { Interval } from "../domain/statistics/interval.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import type { Accuracy, Figures } from "../domain/project-metrics.ts";
import type { Prediction } from "../domain/rehearsal.ts";
import { RISK_THRESHOLDS, type LaneRisk } from "../domain/risk.ts";
import type { StratifiedSample } from "../domain/stratified-sample.ts";

/** What the façade tells of a simulation. */
export interface Simulated
  extends
    Pick<Prediction, "expected" | "intervals" | "riskFactors">,
    Omit<StratifiedSample<unknown>, "strata"> {
  rehearsed: Effort;
  echoCosMean: number | null;
  strata: readonly unknown[];
}

export const simulationAnswer = (simulated: Simulated) => ({
  simulation_results: {
    rehearsal_actual: { ...effort(simulated.rehearsed), echo_cos_mean: simulated.echoCosMean },
    extrapolated_full: {
      ...effort(simulated.expected),
      echo_cos_mean: simulated.echoCosMean,
      ci_90: {
        tokens: pair(simulated.intervals.tokens),
        duration_ms: pair(simulated.intervals.durationMs),
        cost_usd: pair(simulated.intervals.costUsd),
      },
    },
    risk_factors: simulated.riskFactors.map(({ laneId, issue, samples }) => ({
      lane: laneId,
      issue,
      samples,
    })),
  },
  sampling_metrics: {
    n_total: simulated.tasksTotal,
    n_sample: simulated.tasksSampled,
    actual_pct: simulated.effectivePct,
    requested_pct: simulated.requestedPct,
    strata_coverage: simulated.strataCoverage,
    auto_bumped: simulated.autoBumped,
    n_strata: simulated.strata.length,
  },
  warnings: simulated.warnings,
});

/** What the façade tells of a project's figures; lanes carry their names. */
export interface Measured {
  estimated: Figures;
  actual: Effort | null;
  accuracy: Accuracy | null;
  calibration:
    | readonly { laneId: number; laneName: string; maeTokens: number | null; maePct: number | null }[]
    | null;
}

export const metricsAnswer = ({ estimated, actual, accuracy, calibration }: Measured) => ({
  estimated: estimatedAnswer(estimated),
  actual: actual && effort(actual),
  accuracy: accuracy && accuracyAnswer(accuracy),
  calibration: calibration && {
    lane_specific_errors: calibration.map((lane) => ({
      lane_id: lane.laneId,
      lane_name: lane.laneName,
      mae_tokens: lane.maeTokens,
      mae_pct: lane.maePct,
    })),
  },
});

const MINUTE_MS = 60_000;

/** Without intervals the duration is in minutes, with them in milliseconds: so the seed has it. */
function estimatedAnswer({ tokens, durationMs, costUsd, intervals }: Figures) {
  if (!intervals) return { tokens, duration_minutes: durationMs / MINUTE_MS, cost_usd: costUsd };
  return {
    tokens: { mean: tokens, ci_90: pair(intervals.tokens) },
    duration_ms: { mean: durationMs, ci_90: pair(intervals.durationMs) },
    cost_usd: { mean: costUsd, ci_90: pair(intervals.costUsd) },
  };
}

const accuracyAnswer = ({ errorPct, isInside }: Accuracy) => ({
  token_error_pct: errorPct.tokens,
  time_error_pct: errorPct.durationMs,
  cost_error_pct: errorPct.costUsd,
  ...(isInside && {
    tokens_in_ci: isInside.tokens,
    duration_ms_in_ci: isInside.durationMs,
    cost_usd_in_ci: isInside.costUsd,
  }),
});

export const overridesAnswer = (overrides: readonly LaneOverride[]) =>
  overrides.map((override) => ({
    task_id: override.taskId,
    task_description: override.taskDescription ?? override.taskName,
    predicted_lane: override.predictedLaneId,
    corrected_lane: override.correctedLaneId,
    corrected_by: override.correctedBy,
    corrected_at: override.correctedAt,
  }));

const { mae, ciWidth } = RISK_THRESHOLDS;
const LEGEND = {
  low: `mae_pct < ${mae[0]} and ci_width_pct < ${ciWidth[0]}`,
  medium: `mae_pct <= ${mae[1]} and ci_width_pct <= ${ciWidth[1]}`,
  high: "above that",
  none: "nothing left to do, or nothing known",
};

export const heatmapAnswer = (lanes: readonly (LaneRisk & { laneName: string })[]) => ({
  lanes: lanes.map((lane) => ({
    lane_id: lane.laneId,
    name: lane.laneName,
    estimation_risk: lane.estimationRisk,
    execution_risk: lane.executionRisk,
    validation_risk: lane.validationRisk,
    signals: { mae_pct: lane.maePct, ci_width_pct: lane.ciWidthPct },
  })),
  legend: LEGEND,
});

/** How the estimates of a lane did, oldest run first. */
export interface Drifted {
  laneId: number;
  laneName: string;
  points: readonly DriftPoint[];
  trend: string;
}

export const driftAnswer = ({ laneId, laneName, points, trend }: Drifted) => ({
  lane_id: laneId,
  lane_name: laneName,
  history: points.map(({ projectId, maePct }) => ({ project_id: projectId, mae_pct: maePct })),
  trend,
});

const effort = ({ tokens, durationMs, costUsd }: Effort) => ({
  tokens,
  duration_ms: durationMs,
  cost_usd: costUsd,
});
const pair = ({ low, high }: Interval): [number, number] => [low, high];
