import type { ReplayPassport } from "../domain/passport.ts";
import type { Run } from "../domain/run.ts";
import { adviceOf, type Advice } from "../domain/advice.ts";
import type { Runway } from "../domain/runway.ts";

/** Where the passport of a run is served. */
const passportPath = ({ projectId, executorRunId, id }: Run): string =>
  `/api/projects/${projectId}/runs/${encodeURIComponent(executorRunId ?? id)}/replay-passport`;

/** `run_id` is the executor's, as its webhooks have it. */
export const startAnswer = (run: Run) => ({
  status: run.status,
  run_id: run.executorRunId,
  provider_matrix: run.providerMatrix,
  replay_passport_path: passportPath(run),
});

export const runwayAnswer = (runway: Runway) => ({
  budget: { usd_max: runway.usdMax, usd_spent: runway.usdSpent, burn_per_min: runway.burnPerMin },
  runway: {
    minutes_to_depletion: runway.minutesToDepletion,
    projected_overrun_usd: runway.projectedOverrunUsd,
  },
  status: runway.status,
  reason: runway.reason,
  advice: adviceAnswer(adviceOf(runway)),
});

const adviceAnswer = (advice: Advice | null) =>
  advice && {
    cause: advice.cause,
    sentence: advice.sentence,
    money_ends_at: advice.moneyEndsAt,
    work_ends_at: advice.workEndsAt,
    raise_by_usd: advice.raiseByUsd,
    remedies: advice.remedies,
  };

export const passportAnswer = (passport: ReplayPassport, run: Run) => ({
  project_id: passport.projectId,
  run_id: run.executorRunId,
  run_kind: passport.runKind,
  provider_matrix: passport.providerMatrix,
  capabilities: passport.capabilities,
  prd_sha: passport.prdSha,
  prd_source: passport.prdSource,
  env: {
    git_commit: passport.env.gitCommit,
    runtime_version: passport.env.runtimeVersion,
    os: passport.env.os,
  },
  started_at: run.startedAt,
});
