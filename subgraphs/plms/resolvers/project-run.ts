import type {
  ProjectRunResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import type { Run } from "../domain/run.ts";
import { burnHistory } from "../operations/burn-history.ts";
import { present } from "./present.ts";

export const projectRun: NonNullable<QueryResolvers["projectRun"]> = (_parent, { id }, { loaders }) =>
  loaders.run.load(id);

export const runProgress: NonNullable<SubscriptionResolvers["runProgress"]> = {
  subscribe: async (_parent, { runId }, { loaders, live }) =>
    live.runs.watch((await present(loaders.run.load(runId), "Run", runId)).id),
  resolve: (run: Run) => run,
};

export const ProjectRun: ProjectRunResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.run.load(id),
  project: ({ projectId }, _args, { loaders }) =>
    present(loaders.project.load(projectId), "Project", projectId),
  passport: ({ id }, _args, { loaders }) => present(loaders.passport.load(id), "Passport of run", id),
  kpiResults: ({ id }, _args, { loaders }) => loaders.kpiResults.load(id),
  echo: async ({ id }, _args, { loaders }) => [...((await loaders.echoes.load(id)) ?? [])],
  rehearsalSeed: ({ sampleSeed }) => sampleSeed,
  startedBy: ({ createdBy }) => createdBy,
  qualityOverride: ({ override }) => override,
  receiptConflicts: ({ id }, _args, { loaders }) => loaders.receiptConflicts.load(id),
  costCheck: ({ id }, _args, { loaders }) => present(loaders.costOfRun.load(id), "Run", id),
  burnHistory: (run, { from, to, points }, { ports }) =>
    burnHistory(ports, run, { from: from ?? undefined, to: to ?? undefined, points }),
  receipts: ({ id }, args, { loaders }) => loaders.receipts(args).load(id),
};
