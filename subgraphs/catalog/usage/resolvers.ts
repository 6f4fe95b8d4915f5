import type { MutationResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { replayUsage } from "./operations/replay.ts";

export const usageQueries: QueryResolvers = {
  usageOutbox: (_parent, _args, { work }) => work.usage.monitor.status(),
};

export const usageMutations: MutationResolvers = {
  replayUsageMetrics: (_parent, { ids }, { work, actor }) =>
    replayUsage({ ...work.orders, outbox: work.usage.outbox }, actor, ids ?? undefined),
};
