import type {
  CircuitBreakerResolvers,
  MutationResolvers,
  PlmConfigResolvers,
  PlmHealthResolvers,
  PlmModeChangeResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import {
  PLM_CIRCUIT,
  circuitStates,
  isolateCircuit,
  listTransitions,
  readCircuit,
  releaseCircuit,
  watchCircuit,
} from "./operations/circuits.ts";
import type { CircuitSnapshot } from "../products/operations/ports.ts";
import type { Context } from "../context.ts";
import { type PlmSwitch, decideMode } from "../products/domain/modes.ts";
import { notFound } from "../../../lib/errors.ts";
import {
  type Asker,
  type KnownCatalogues,
  listModeChanges,
  rollbackPlm,
  setPlmMode,
} from "./operations/modes.ts";
import { orUserError } from "../user-errors.ts";
import { acknowledgeShadowDiffs, groupShadowDiffs } from "./operations/diff-groups.ts";
import { listPlmAlerts } from "./operations/list-alerts.ts";
import { acknowledgePlmAlert } from "./operations/acknowledge-alert.ts";
import { type PlmHealthView, listLeftovers, reportPlmIssue } from "./operations/health.ts";
import type { PlmAlert, ShadowDiff } from "./operations/ports.ts";
import { acknowledgeShadowDiff, listShadowDiffs, readMigrationGate } from "./operations/shadow-diffs.ts";

export const circuitQueries: QueryResolvers = {
  plmCircuitBreaker: (_parent, _args, { circuits }) => readCircuit(circuits, PLM_CIRCUIT),
  circuitHistory: (_parent, { name, from, to }, { circuits, clock }) =>
    circuitStates({ circuits, clock }, { name: name ?? PLM_CIRCUIT, from, to: to ?? undefined }),
};

export const circuitMutations: MutationResolvers = {
  isolateCircuit: (_parent, input, context) => isolateCircuit(context.circuits, input, actorOf(context)),
  releaseCircuit: (_parent, input, context) => releaseCircuit(context.circuits, input, actorOf(context)),
};

export const circuitSubscriptions: SubscriptionResolvers = {
  circuitBreaker: {
    subscribe: (_parent, { name }, { circuits }) => watchCircuit(circuits, name ?? PLM_CIRCUIT),
    resolve: (snapshot: CircuitSnapshot) => snapshot,
  },
};

export const CircuitBreaker: CircuitBreakerResolvers = {
  transitions: ({ name }, { last }, { circuits }) => listTransitions(circuits, { circuit: name, last }),
};

export const plmConfigQueries: QueryResolvers = {
  plmConfig: (_parent, _args, { modes }) => modes.current(),
};

export const plmConfigMutations: MutationResolvers = {
  setPlmMode: (_parent, { input }, context) =>
    orUserError(["InvalidInput", "Conflict"], async () => ({
      __typename: "SetPlmModeSuccess" as const,
      config: await setPlmMode({ ...context, catalogues: cataloguesOf(context) }, input, actorOf(context)),
    })),
  rollbackPlm: (_parent, { reason }, context) =>
    orUserError(["InvalidInput", "Conflict"], async () => ({
      __typename: "SetPlmModeSuccess" as const,
      config: await rollbackPlm(context.modes, reason, actorOf(context)),
    })),
};

export const plmConfigSubscriptions: SubscriptionResolvers = {
  plmModeChanged: {
    subscribe: (_parent, _args, { modes }) => modes.watch(),
    resolve: (current: PlmSwitch) => current,
  },
};

export const PlmConfig: PlmConfigResolvers = {
  enabledForModels: ({ models }) => [...models],
  version: ({ version }) => String(version),
  decision: async (plm, { modelId }, { loaders }) => {
    const model = await loaders.models.load(modelId);
    if (!model) throw notFound("Model", modelId);
    return decideMode(plm, model);
  },
  changes: (_plm, { last }, { modes }) => listModeChanges(modes, last),
  isConnected: (_plm, _args, { modes }) => modes.isConnected,
  fallbackEnabled: (_plm, _args, { settings }) => settings.fallbackEnabled,
  cacheEnabled: (_plm, _args, { settings }) => settings.cache.enabled,
  cacheTtlSeconds: (_plm, _args, { settings }) => settings.cache.ttlMs / 1000,
  cacheStaleSeconds: (_plm, _args, { settings }) => settings.cache.staleMs / 1000,
  circuitBreakerThreshold: (_plm, _args, { settings }) => settings.circuit.threshold,
  circuitBreakerWindowSeconds: (_plm, _args, { settings }) => settings.circuit.windowMs / 1000,
  shadowSampleRate: (_plm, _args, { settings }) => settings.shadow.sampleRate,
  autoRollback: (_plm, _args, { settings }) => settings.autoRollback,
};

export const PlmModeChange: PlmModeChangeResolvers = {
  to: ({ mode }) => mode,
  enabledForModels: ({ models }) => [...models],
  version: ({ version }) => String(version),
};

const cataloguesOf = ({ loaders, readPlmCatalogue, caller }: Context): KnownCatalogues => ({
  read: async () => (await loaders.catalogue()).catalogue,
  readPlm: () => readPlmCatalogue(caller),
});

/** On whose behalf a mutation runs. */
const actorOf = ({ caller }: Context): Asker => ({
  subject: caller.identity.subject,
  correlationId: caller.correlationId,
});

export const plmHealthQueries: QueryResolvers = {
  plmHealth: (_parent, { windowMinutes }, { health }) => health.readHealth(windowMinutes ?? undefined),
  plmHistory: (_parent, { hours, from, to }, { health }) =>
    health.readHistory(from ? { from, to: to ?? undefined } : { hours, to: to ?? undefined }),
  plmLeftovers: async (_parent, { first }, { leftovers }) => [...(await listLeftovers(leftovers, first))],
  plmAlerts: (_parent, { state }, { health }) => health.alerts.list(state),
  plmAlertPage: (_parent, { sort, descending, ...args }, { health }) =>
    listPlmAlerts(health.alerts, { ...args, sort: sort ?? "RAISED", isFalling: descending ?? true }),
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
  fallbackReads: ({ fallbackReads }) => [...fallbackReads],
  readsFromMrp: ({ readsBySource }) => readsBySource["MRP"] ?? 0,
  diffRateAtMost: ({ diffRateBounds }) => diffRateBounds.high,
  alerts: ({ openAlerts }) => openAlerts,
  outbox: (_health, _args, { work }) => work.usage.monitor.status(),
};

export const shadowDiffQueries: QueryResolvers = {
  shadowDiffs: (_parent, input, { diffs }) => listShadowDiffs(diffs, input),
  shadowDiffGroups: (_parent, args, { diffs }) => groupShadowDiffs(diffs, args),
  migrationGate: (_parent, _args, context) => readMigrationGate(context, () => context.loaders.catalogue()),
};

export const shadowDiffMutations: MutationResolvers = {
  acknowledgeShadowDiff: (_parent, input, context) => acknowledgeShadowDiff(context, input, actorOf(context)),
  acknowledgeShadowDiffs: (_parent, input, context) =>
    acknowledgeShadowDiffs(context, input, actorOf(context)),
};

export const shadowDiffSubscriptions: SubscriptionResolvers = {
  shadowDiff: {
    subscribe: (_parent, { severity }, { watchDiffs }) => watchDiffs(severity),
    resolve: (diff: ShadowDiff) => diff,
  },
};
