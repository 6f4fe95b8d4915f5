import type {
  EstimationDriftResolvers,
  LaneCalibrationResolvers,
  LanePriorResolvers,
  LaneRiskResolvers,
  PriorVersionResolvers,
  ProjectMetricsResolvers,
  QueryResolvers,
  RiskHeatmapResolvers,
  SubscriptionResolvers,
  UnlearntRunResolvers,
} from "../generated/resolver-types.ts";
import type { MetricPrior } from "../domain/prior.ts";
import { RISK_THRESHOLDS } from "../domain/risk.ts";
import { listPriors } from "../operations/list-priors.ts";
import type { RiskHeatmap as Heatmap } from "../operations/risk-heatmap.ts";
import { rebuildPriors as rebuild } from "../operations/rebuild-priors.ts";
import type { Context } from "../context.ts";
import { present } from "./present.ts";

const laneOf = (laneId: number, { loaders }: Context) => present(loaders.lane.load(laneId), "Lane", laneId);

export const lanePriors: NonNullable<QueryResolvers["lanePriors"]> = (_parent, args, { ports, principal }) =>
  listPriors(ports, principal.tenant, args);

export const verifyPriors: NonNullable<QueryResolvers["verifyPriors"]> = async (
  _parent,
  _args,
  { ports, principal },
) => {
  const { priors, unlearnt } = await rebuild(ports, principal.tenant);
  return { checked: priors.length, different: priors.filter(({ isSame }) => !isSame).length, unlearnt };
};

export const riskHeatmap: NonNullable<SubscriptionResolvers["riskHeatmap"]> = {
  subscribe: async (_parent, { projectId }, { loaders, live }) =>
    live.heatmaps.watch((await present(loaders.project.load(projectId), "Project", projectId)).id),
  resolve: (heatmap: Heatmap) => heatmap,
};

export const UnlearntRun: UnlearntRunResolvers = {
  run: ({ runId }, _args, { loaders }) => present(loaders.run.load(runId), "Run", runId),
};

export const LanePrior: LanePriorResolvers = {
  lane: ({ laneId }, _args, context) => (laneId === null ? null : laneOf(laneId, context)),
  history: ({ laneId, provider }, { last }, { loaders }) =>
    loaders.priorHistory({ last: last ?? undefined }).load({ laneId, provider }),
};

const versionFigure = ({ perTask, smoothedVariance, mae }: MetricPrior) => ({
  mean: perTask.mu,
  stddev: Math.sqrt(smoothedVariance),
  mae,
});

export const PriorVersion: PriorVersionResolvers = {
  sourceRun: ({ sourceRunId }, _args, { loaders }) =>
    present(loaders.run.load(sourceRunId), "Run", sourceRunId),
  observations: ({ prior }) => prior.observations,
  tokens: ({ prior }) => versionFigure(prior.tokens),
  durationMs: ({ prior }) => versionFigure(prior.durationMs),
  costUsd: ({ prior }) => versionFigure(prior.costUsd),
};

export const ProjectMetrics: ProjectMetricsResolvers = {
  run: ({ runId }, _args, { loaders }) => (runId === null ? null : loaders.run.load(runId)),
  accuracy: ({ accuracy }) =>
    accuracy && {
      tokenErrorPct: accuracy.errorPct.tokens,
      timeErrorPct: accuracy.errorPct.durationMs,
      costErrorPct: accuracy.errorPct.costUsd,
      tokensInInterval: accuracy.isInside?.tokens ?? null,
      durationInInterval: accuracy.isInside?.durationMs ?? null,
      costInInterval: accuracy.isInside?.costUsd ?? null,
    },
};

export const LaneCalibration: LaneCalibrationResolvers = {
  lane: ({ laneId }, _args, context) => laneOf(laneId, context),
};

export const RiskHeatmap: RiskHeatmapResolvers = {
  project: ({ projectId }, _args, { loaders }) =>
    present(loaders.project.load(projectId), "Project", projectId),
  lanes: ({ lanes }) => [...lanes],
  legend: () => ({
    mae: [...RISK_THRESHOLDS.mae],
    ciWidth: [...RISK_THRESHOLDS.ciWidth],
    share: [...RISK_THRESHOLDS.share],
  }),
};

export const LaneRisk: LaneRiskResolvers = {
  lane: ({ laneId }, _args, context) => laneOf(laneId, context),
  lowConfidence: ({ isLowConfidence }) => isLowConfidence,
  signals: ({ maePct, ciWidthPct, overrunShare, kpiFailureRate }) => ({
    maePct,
    ciWidthPct,
    overrunShare,
    kpiFailureRate,
  }),
};

export const EstimationDrift: EstimationDriftResolvers = {
  lane: ({ laneId }, _args, context) => laneOf(laneId, context),
  points: ({ points }) => points.map((point) => ({ ...point, ratio: Math.exp(point.logRatio) })),
};
