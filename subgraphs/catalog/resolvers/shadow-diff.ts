import type {
  MutationResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import type { ShadowDiff } from "../operations/watch-ports.ts";
import { acknowledgeShadowDiff, listShadowDiffs, readMigrationGate } from "../operations/shadow-diffs.ts";
import { actorOf } from "./plm-config.ts";

export const shadowDiffQueries: QueryResolvers = {
  shadowDiffs: (_parent, input, { diffs }) => listShadowDiffs(diffs, input),
  migrationGate: (_parent, _args, context) => readMigrationGate(context, () => context.loaders.catalogue()),
};

export const shadowDiffMutations: MutationResolvers = {
  acknowledgeShadowDiff: (_parent, input, context) => acknowledgeShadowDiff(context, input, actorOf(context)),
};

export const shadowDiffSubscriptions: SubscriptionResolvers = {
  shadowDiff: {
    subscribe: (_parent, { severity }, { watchDiffs }) => watchDiffs(severity),
    resolve: (diff: ShadowDiff) => diff,
  },
};
