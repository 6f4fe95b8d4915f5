import { executeQueryPlan, type GraphQLDataSource, type ServiceMap } from "@apollo/gateway";
import { GraphQLError, type ExecutionResult } from "graphql";
import { isCodedError } from "../../lib/errors.ts";
import type { Caller, GraphQLEndpoint, GraphQLRequest } from "../../lib/graphql-endpoint.ts";
import { codedExtensions } from "../../lib/graphql-errors.ts";
import type { LoadedSupergraph } from "../supergraph.ts";
import { EVENT_SOURCE, type Planned } from "./plan-store.ts";

type RequestContext = Parameters<typeof executeQueryPlan>[2];
type ProcessOptions = Parameters<GraphQLDataSource["process"]>[0];

/** Where one of Apollo's fetches gets its answer from; a rejection becomes an error of the fetch. */
export type Source = (request: GraphQLRequest, options: ProcessOptions) => Promise<ExecutionResult>;

export interface PlanRequest {
  planned: Planned;
  /** Coerced variables. */
  variables: Record<string, unknown>;
  caller: Caller;
  /** The source of each subgraph by its name. */
  sourceOf: (subgraph: string) => Source;
}

/** Executes a plan with Apollo's own executor. */
export async function executeStock(
  { supergraphSchema, federationApiSchema, subgraphs }: LoadedSupergraph,
  request: PlanRequest,
): Promise<ExecutionResult> {
  const { plan, context } = request.planned;
  const names = [...subgraphs.map(({ name }) => name), EVENT_SOURCE];
  const services: ServiceMap = Object.fromEntries(
    names.map((name) => [name, dataSource(request.sourceOf(name), request.caller)]),
  );
  return (await executeQueryPlan(
    plan,
    services,
    requestContext(request),
    context,
    supergraphSchema,
    federationApiSchema,
  )) as ExecutionResult;
}

/** An endpoint as a source; what it says of an idempotency key is noted, Apollo's executor would drop it. */
export const liveSource =
  (endpoint: () => GraphQLEndpoint, note: { idempotency: unknown }): Source =>
  async (request) => {
    const result = await endpoint().execute(request);
    note.idempotency = result.extensions?.["idempotency"] ?? note.idempotency;
    return result;
  };

/** What Apollo's executor reads of a request; the rest of its context is never touched. */
function requestContext({ variables, planned }: PlanRequest): RequestContext {
  const partial = { request: { variables }, context: {}, metrics: {}, operation: planned.context.operation };
  return partial as unknown as RequestContext;
}

function dataSource(source: Source, caller: Caller): GraphQLDataSource {
  return {
    async process(options) {
      const { query = "", variables, operationName } = options.request;
      const result = await source({ query, variables, operationName, caller }, options).catch(
        (error: unknown) => ({ errors: [asFetchError(error)] }),
      );
      return result as Awaited<ReturnType<GraphQLDataSource["process"]>>;
    },
  };
}

function asFetchError(error: unknown): GraphQLError {
  if (!isCodedError(error)) return new GraphQLError("A subgraph failed", { originalError: error as Error });
  return new GraphQLError(error.message, { originalError: error, extensions: codedExtensions(error) });
}
