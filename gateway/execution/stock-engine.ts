import { executeQueryPlan, type GraphQLDataSource, type ServiceMap } from "@apollo/gateway";
import type { FetchNode } from "@apollo/query-planner";
import { getVariableValues, GraphQLError, type ExecutionResult } from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { codedExtensions } from "../../lib/graphql-errors.ts";
import type { EngineDependencies, ExecutionEngine, Operation, SubscriptionPlan } from "./engine.ts";
import { createPlanStore, EVENT_SOURCE, type Planned } from "./plan-store.ts";

type Variables = Record<string, unknown>;
type RequestContext = Parameters<typeof executeQueryPlan>[2];

/** Executes plans with Apollo's own executor; subscriptions run one plan per event. */
export function createStockEngine({ supergraph, endpointOf }: EngineDependencies): ExecutionEngine {
  const planOf = createPlanStore(supergraph);
  const sources = supergraph.subgraphs.map(({ name }) => [name, dataSource(endpointOf(name))] as const);
  const services: ServiceMap = Object.fromEntries(sources);

  const run = async (
    planned: Planned,
    serviceMap: ServiceMap,
    request: PlanRequest,
  ): Promise<ExecutionResult> => {
    const context = requestContext(request);
    const { plan, context: operationContext } = planned;
    return (await executeQueryPlan(
      plan,
      serviceMap,
      context,
      operationContext,
      supergraph.supergraphSchema,
      supergraph.federationApiSchema,
    )) as ExecutionResult;
  };

  const coerce = ({ definition, variables }: Operation) =>
    getVariableValues(
      supergraph.apiSchema,
      definition.variableDefinitions ?? [],
      { ...variables },
      { maxErrors: 20 },
    );

  return {
    async execute(operation, caller) {
      const { coerced, errors } = coerce(operation);
      if (errors) return { errors: errors.map(asBadInput) };
      return run(planOf(operation), services, { operation, variables: coerced, caller });
    },

    planSubscription(operation) {
      const { coerced, errors } = coerce(operation);
      if (errors) return { errors: errors.map(asBadInput) };
      const planned = planOf(operation);
      const { trigger } = planned;
      if (!trigger) return { errors: [new GraphQLError("This operation is not a subscription")] };
      return {
        subgraph: trigger.serviceName,
        request: triggerRequest(trigger, coerced),
        complete: async (event, caller) => {
          const eventSource = { process: async () => event } as GraphQLDataSource;
          const request = { operation, variables: coerced, caller };
          const result = await run(planned, { ...services, [EVENT_SOURCE]: eventSource }, request);
          return nameEventSource(result, trigger.serviceName);
        },
      };
    },
  };
}

interface PlanRequest {
  operation: Operation;
  variables: Variables;
  caller: Caller;
}

/** What Apollo's executor reads of a request; the rest of its context is never touched. */
function requestContext({ operation, variables, caller }: PlanRequest): RequestContext {
  const { document, definition } = operation;
  const partial = {
    request: { variables },
    context: { caller },
    metrics: {},
    document,
    operation: definition,
  };
  return partial as unknown as RequestContext;
}

/** An endpoint as the kind of source that Apollo's executor asks. */
function dataSource(endpoint: GraphQLEndpoint): GraphQLDataSource<{ caller: Caller }> {
  return {
    async process({ request, context }) {
      const { query = "", variables, operationName } = request;
      const result = await endpoint
        .execute({ query, variables, operationName, caller: context.caller })
        .catch((error: unknown) => ({ errors: [asFetchError(error)] }));
      return result as Awaited<ReturnType<GraphQLDataSource["process"]>>;
    },
  };
}

function asFetchError(error: unknown): GraphQLError {
  if (!isCodedError(error)) return new GraphQLError("A subgraph failed", { originalError: error as Error });
  return new GraphQLError(error.message, { originalError: error, extensions: codedExtensions(error) });
}

function triggerRequest(trigger: FetchNode, variables: Variables): SubscriptionPlan["request"] {
  const used = (trigger.variableUsages ?? []).filter((name) => Object.hasOwn(variables, name));
  return {
    query: trigger.operation,
    operationName: trigger.operationName,
    variables: Object.fromEntries(used.map((name) => [name, variables[name]])),
  };
}

/** Errors of the event itself name the subgraph that sent it, not the place that held it. */
function nameEventSource(result: ExecutionResult, subgraph: string): ExecutionResult {
  for (const error of result.errors ?? []) {
    if (error.extensions["serviceName"] === EVENT_SOURCE) error.extensions["serviceName"] = subgraph;
  }
  return result;
}

const asBadInput = (error: GraphQLError) =>
  new GraphQLError(error.message, { nodes: error.nodes ?? null, extensions: { code: "BAD_USER_INPUT" } });
