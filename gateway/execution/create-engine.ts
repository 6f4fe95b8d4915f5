import type { FetchNode } from "@apollo/query-planner";
import {
  getOperationAST,
  GraphQLError,
  parse,
  validate,
  type DocumentNode,
  type ExecutionResult,
} from "graphql";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { LoadedSupergraph } from "../supergraph.ts";
import type { CompiledOperation } from "./compile/operation.ts";
import { fetchesOf } from "./compile/placed-fetches.ts";
import { startRun, type Run } from "./compile/run.ts";
import {
  resultOf,
  type Answer,
  type EngineDependencies,
  type ExecutionEngine,
  type SubscriptionPlan,
} from "./engine.ts";
import { createPlanStore, EVENT_SOURCE, type Planned, type PlanStore } from "./plan-store.ts";
import { markFetches, replayed } from "./replay.ts";
import { executeStock, liveSource } from "./stock-executor.ts";
import { compileCoercion, type Coerce } from "./variables.ts";

/** An operation with everything that is made once of it. */
interface Prepared {
  planned: Planned;
  coerce: Coerce;
  marks: ReadonlyMap<DocumentNode, number>;
  compiled: CompiledOperation | undefined;
}

type Compile = (planned: Planned, supergraph: LoadedSupergraph) => CompiledOperation | undefined;
type EndpointOf = EngineDependencies["endpointOf"];

/** An engine that executes what `compile` makes of a plan, and the rest with Apollo's executor. */
export function createEngine(dependencies: EngineDependencies, compile: Compile): ExecutionEngine {
  const { supergraph, endpointOf, onPath } = dependencies;
  const store = createPlanStore<Prepared>(supergraph, (planned) => ({
    planned,
    coerce: compileCoercion(supergraph.apiSchema, planned.context.operation),
    marks: markFetches(planNodes(planned)),
    compiled: compile(planned, supergraph),
  }));

  const run = async (prepared: Prepared, started: Run): Promise<Answer> => {
    const text = await prepared.compiled?.(started);
    const answer: Answer = text
      ? { ...text, ...idempotencyOf(started) }
      : { path: "stock", result: await runStock(supergraph, prepared, started) };
    onPath?.(answer.path);
    return answer;
  };

  const executeText: ExecutionEngine["executeText"] = async (operation, caller) => {
    const prepared = store.get(operation);
    const variables = prepared.coerce(operation.variables);
    if ("errors" in variables) return { path: "stock", result: { errors: variables.errors } };
    return run(prepared, startRun({ variables: variables.coerced, caller, endpointOf }));
  };

  return {
    executeText,
    execute: async (operation, caller) => resultOf(await executeText(operation, caller)),

    planSubscription(operation) {
      const prepared = store.get(operation);
      const variables = prepared.coerce(operation.variables);
      if ("errors" in variables) return { errors: variables.errors };
      const { trigger } = prepared.planned;
      if (!trigger) return { errors: [new GraphQLError("This operation is not a subscription")] };
      return {
        subgraph: trigger.serviceName,
        request: triggerRequest(trigger, variables.coerced),
        complete: async (event, caller) => {
          const endpoints = withEvent(event, endpointOf);
          const started = startRun({ variables: variables.coerced, caller, endpointOf: endpoints });
          return nameEventSource(resultOf(await run(prepared, started)), trigger.serviceName);
        },
      };
    },

    warm: (documents) => {
      for (const text of documents) warmUp(text, supergraph, store);
    },
    planned: () => store.texts(),
  };
}

const planNodes = ({ plan: { node } }: Planned) =>
  node && node.kind !== "Subscription" ? fetchesOf(node) : [];

/** What the compiled plan has fetched is used again; the rest is fetched now. */
async function runStock(
  supergraph: LoadedSupergraph,
  prepared: Prepared,
  started: Run,
): Promise<ExecutionResult> {
  const { variables, caller, endpointOf } = started;
  const result = await executeStock(supergraph, {
    planned: prepared.planned,
    variables,
    caller,
    sourceOf: (name) =>
      replayed(started, prepared.marks, { name, live: liveSource(() => endpointOf(name), started) }),
  });
  return { ...result, ...mergeExtensions(result, started) };
}

function mergeExtensions(result: ExecutionResult, started: Run): Pick<ExecutionResult, "extensions"> {
  const { extensions } = idempotencyOf(started);
  return extensions ? { extensions: { ...result.extensions, ...extensions } } : {};
}

const idempotencyOf = ({ idempotency }: Run): { extensions?: Record<string, unknown> } =>
  idempotency === undefined ? {} : { extensions: { idempotency } };

/** The event as the endpoint of the subgraph that the plan starts with. */
const withEvent =
  (event: ExecutionResult, endpointOf: EndpointOf): EndpointOf =>
  (name) =>
    name === EVENT_SOURCE ? ({ execute: async () => event } as unknown as GraphQLEndpoint) : endpointOf(name);

function triggerRequest(
  trigger: FetchNode,
  variables: Readonly<Record<string, unknown>>,
): SubscriptionPlan["request"] {
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

/** Plans an operation if the supergraph allows it; what is wrong with it is for its first request to say. */
function warmUp(text: string, { apiSchema }: LoadedSupergraph, store: PlanStore<Prepared>): void {
  try {
    const document = parse(text);
    const definition = validate(apiSchema, document).length === 0 && getOperationAST(document);
    if (definition) store.get({ document, definition });
  } catch {
    // Documents of another supergraph may not even get through validation.
  }
}
