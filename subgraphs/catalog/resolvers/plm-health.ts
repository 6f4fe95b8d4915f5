import type {
  MutationResolvers,
  PlmHealthResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import { acknowledgePlmAlert } from "../operations/acknowledge-alert.ts";
import { listLeftovers, reportPlmIssue, type PlmHealthView } from "../operations/plm-health.ts";
import type { PlmAlert } from "../operations/watch-ports.ts";
import { actorOf } from "./plm-config.ts";

export const plmHealthQueries: QueryResolvers = {
  plmHealth: (_parent, { windowMinutes }, { health }) => health.readHealth(windowMinutes ?? undefined),
  plmHistory: (_parent, { hours }, { health }) => health.readHistory(hours),
  plmLeftovers: async (_parent, { first }, { leftovers }) => [...(await listLeftovers(leftovers, first))],
  plmAlerts: (_parent, { state }, { health }) => health.alerts.list(state),
};

export const plmHealthMutations: MutationResolvers = {
  invalidatePlmCache: (_parent, { modelId, acceptShrink }, { invalidate }) =>
    invalidate(modelId === null || modelId === undefined ? undefined : [modelId], {
      acceptShrink: acceptShrink ?? false,
    }),
  acknowledgePlmAlert: (_parent, input, context) =>
    acknowledgePlmAlert({ ...context.health, clock: context.clock }, input, actorOf(context)),
  reportPlmIssue: (_parent, input, context) => reportPlmIssue(context.health.issues, input, actorOf(context)),
};

export const plmHealthSubscriptions: SubscriptionResolvers = {
  plmHealth: {
    subscribe: (_parent, _args, { health }) => health.watchHealth(),
    resolve: (view: PlmHealthView) => view,
  },
  plmAlert: {
    subscribe: (_parent, _args, { health }) => health.watchAlerts(),
    resolve: (alert: PlmAlert) => alert,
  },
};

export const PlmHealth: PlmHealthResolvers = {
  readsFromPlm: ({ readsBySource }) => readsBySource["PLM"] ?? 0,
  readsFromCache: ({ readsBySource }) => readsBySource["PLM_CACHE"] ?? 0,
  readsFromStale: ({ readsBySource }) => readsBySource["PLM_STALE"] ?? 0,
  readsFromMrp: ({ readsBySource }) => readsBySource["MRP"] ?? 0,
  diffRateAtMost: ({ diffRateBounds }) => diffRateBounds.high,
  alerts: ({ openAlerts }) => openAlerts,
  outbox: (_health, _args, { work }) => work.usage.monitor.status(),
};
