import type { BudgetRunwayResolvers, SubscriptionResolvers } from "../generated/resolver-types.ts";
import { adviceOf } from "../domain/advice.ts";
import type { Runway } from "../domain/runway.ts";
import { present } from "./present.ts";

export const budgetRunway: NonNullable<SubscriptionResolvers["budgetRunway"]> = {
  subscribe: async (_parent, { projectId }, { loaders, live }) =>
    live.runways.watch((await present(loaders.project.load(projectId), "Project", projectId)).id),
  resolve: (runway: Runway) => runway,
};

export const BudgetRunway: BudgetRunwayResolvers = {
  project: ({ projectId }, _args, { loaders }) =>
    present(loaders.project.load(projectId), "Project", projectId),
  advice: adviceOf,
  budget: ({ usdMax, usdSpent, usdCommitted, burnPerMin, burnInterval, windows }) => ({
    usdMax,
    usdSpent,
    usdCommitted,
    burnPerMin,
    burnInterval,
    windows: [...windows],
  }),
};
