import type {
  MutationResolvers,
  PlmConfigResolvers,
  PlmModeChangeResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import type { Context } from "../context.ts";
import { decideMode, type PlmSwitch } from "../domain/modes.ts";
import { notFound } from "../../../lib/errors.ts";
import { listModeChanges, rollbackPlm, setPlmMode, type Actor } from "../operations/plm-modes.ts";
import { orUserError } from "./user-errors.ts";

export const plmConfigQueries: QueryResolvers = {
  plmConfig: (_parent, _args, { modes }) => modes.current(),
};

export const plmConfigMutations: MutationResolvers = {
  setPlmMode: (_parent, { input }, context) =>
    orUserError(["InvalidInput", "Conflict"], async () => ({
      __typename: "SetPlmModeSuccess" as const,
      config: await setPlmMode(context.modes, input, actorOf(context)),
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

/** On whose behalf a mutation runs. */
export const actorOf = ({ caller }: Context): Actor => ({
  subject: caller.identity.subject,
  correlationId: caller.correlationId,
});
