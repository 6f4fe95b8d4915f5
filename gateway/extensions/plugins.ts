import { GraphQLError, type ExecutionResult } from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import { asGraphQLError } from "../errors/errors.ts";
import { isSubscriptionPlan, type ExecutionEngine, type Operation } from "../execution/engine.ts";
import type { GatewayPlugin, PluginEvent, PluginFetch, PluginRequest } from "./plugin.ts";

/** All plugins as one. */
export interface Plugins {
  /** The same engine with every operation and every event told to the plugins. */
  engine(engine: ExecutionEngine): ExecutionEngine;
  /** Why a plugin refuses a subscription. */
  refusalOf(
    operation: Operation,
    caller: Pick<Caller, "identity" | "clientHeaders">,
  ): GraphQLError | undefined;
  /** Undefined where no plugin looks at calls. */
  onFetch: ((fetch: PluginFetch) => void) | undefined;
  onEvent(event: PluginEvent): void;
}

export function createPlugins(plugins: readonly GatewayPlugin[], log: Log): Plugins {
  /** What only watches cannot break what it watches. */
  const watch = (plugin: GatewayPlugin, what: string, tell: () => void) => {
    try {
      tell();
    } catch (err) {
      log.error({ err, plugin: plugin.name }, `a plugin failed in ${what}`);
    }
  };
  const onErrors = (
    errors: readonly GraphQLError[] | undefined,
    { correlationId }: Caller,
    operation: Operation,
  ) => {
    if (!errors || errors.length === 0) return;
    const operationName = operation.definition.name?.value;
    for (const plugin of plugins)
      watch(plugin, "onError", () => plugin.onError?.({ errors, correlationId, operationName }));
  };
  const refusalOf = (operation: Operation, caller: Partial<Caller> & Pick<Caller, "identity">) => {
    const request = requestOf(operation, caller);
    for (const plugin of plugins) {
      try {
        plugin.onRequest?.(request);
      } catch (error) {
        return refusalFrom(error);
      }
    }
    return undefined;
  };
  const looking = plugins.filter((plugin) => plugin.onFetch !== undefined);
  return {
    refusalOf,
    onFetch:
      looking.length === 0 ? undefined : (fetch) => looking.forEach((plugin) => plugin.onFetch?.(fetch)),
    onEvent: (event) => {
      for (const plugin of plugins) watch(plugin, "onEvent", () => plugin.onEvent?.(event));
    },
    engine: (engine) => (plugins.length === 0 ? engine : hookedEngine(engine, { refusalOf, onErrors })),
  };
}

interface Hooks {
  refusalOf: (operation: Operation, caller: Caller) => GraphQLError | undefined;
  onErrors: (errors: readonly GraphQLError[] | undefined, caller: Caller, operation: Operation) => void;
}

function hookedEngine(engine: ExecutionEngine, { refusalOf, onErrors }: Hooks): ExecutionEngine {
  const told = <R extends { errors?: readonly GraphQLError[] }>(
    result: R,
    caller: Caller,
    operation: Operation,
  ): R => {
    onErrors(result.errors, caller, operation);
    return result;
  };
  return {
    ...engine,
    execute: async (operation, caller) => {
      const refusal = refusalOf(operation, caller);
      return told(
        refusal ? { errors: [refusal] } : await engine.execute(operation, caller),
        caller,
        operation,
      );
    },
    executeText: async (operation, caller) => {
      const refusal = refusalOf(operation, caller);
      const answer = refusal
        ? ({ path: "compiled", errors: [refusal] } as const)
        : await engine.executeText(operation, caller);
      return told(answer, caller, operation);
    },
    executeInParts: async (operation, caller, deliver) => {
      const refusal = refusalOf(operation, caller);
      if (refusal) return deliver(told({ errors: [refusal] }, caller, operation));
      return engine.executeInParts(operation, caller, (payload) => {
        if ("errors" in payload) onErrors(payload.errors, caller, operation);
        deliver(payload);
      });
    },
    planSubscription: (operation) => {
      const plan = engine.planSubscription(operation);
      if (!isSubscriptionPlan(plan)) return plan;
      return {
        ...plan,
        complete: async (event, caller): Promise<ExecutionResult> =>
          told(await plan.complete(event, caller), caller, operation),
      };
    },
  };
}

const requestOf = (
  { definition, variables }: Operation,
  { identity, clientHeaders, correlationId }: Partial<Caller> & Pick<Caller, "identity">,
): PluginRequest => ({
  kind: definition.operation,
  operationName: definition.name?.value,
  variables,
  identity,
  clientHeaders,
  correlationId,
});

/** What a plugin says by a coded error is for the caller; everything else is masked, and logged. */
function refusalFrom(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  if (isCodedError(error)) return asGraphQLError(error);
  return new GraphQLError("A plugin failed", { originalError: error as Error });
}
