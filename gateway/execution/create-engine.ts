import type { FetchNode } from "@apollo/query-planner";
import { GraphQLError, Kind, parse, validate, type DocumentNode, type ExecutionResult } from "graphql";
import type { Caller, GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { LoadedSupergraph } from "../supergraph.ts";
import type { CompiledOperation } from "./compile/operation.ts";
import { fetchesOf } from "./compile/placed-fetches.ts";
import { startRun, type Run } from "./compile/run.ts";
import {
  resultOf,
  type Answer,
  type EngineDependencies,
  type ExecutionEngine,
  type Operation,
  type SubscriptionPlan,
} from "./engine.ts";
import { createDeferredEngine } from "./defer/deferred-engine.ts";
import { deprecationsIn, type Deprecation } from "./deprecations.ts";
import { oneErrorPerOutage } from "./one-error-per-outage.ts";
import { createPlanStore, EVENT_SOURCE, type Plannable, type Planned, type PlanStore } from "./plan-store.ts";
import { eachOnce, markFetches, replayed } from "./replay.ts";
import { executeStock, liveSource } from "./stock-executor.ts";
import { compileCoercion, type Coerce } from "./variables.ts";
import { madeWhenUsed, type WhenUsed } from "./when-used.ts";

/** An operation with everything that is made once of it. */
interface Prepared {
  planned: Planned;
  coerce: Coerce;
  marks: ReadonlyMap<DocumentNode, number>;
  compiled: WhenUsed<CompiledOperation | undefined>;
  /** Told with every answer; undefined for most operations. */
  deprecations: Deprecation[] | undefined;
}

/** Parts of an operation are not spliced, for that makes every fetch anew. */
type Compile = (
  planned: Planned,
  supergraph: LoadedSupergraph,
  isPart: boolean,
) => CompiledOperation | undefined;
type EndpointOf = EngineDependencies["endpointOf"];

/** What every way of executing is made of. */
function createCore(dependencies: EngineDependencies, compile: Compile) {
  const { supergraph, endpointOf, onPath, timeoutMs, compilesAtUse = 1 } = dependencies;
  const isReference = compilesAtUse === 1;
  return {
    prepare: (planned: Planned, operation: Plannable, isPart = false): Prepared => ({
      planned,
      deprecations: deprecationsIn(supergraph.apiSchema, operation),
      coerce: compileCoercion(supergraph.apiSchema, planned.context.operation),
      marks: markFetches(planNodes(planned)),
      compiled: madeWhenUsed(compilesAtUse, () => compile(planned, supergraph, isPart)),
    }),
    start: (variables: Run["variables"], caller: Caller, reach: EndpointOf = endpointOf): Run => {
      const deadline = timeoutMs !== undefined && { deadlineAtMs: performance.now() + timeoutMs };
      return startRun({ variables, caller: { ...caller, ...deadline }, endpointOf: reach });
    },
    run: async (prepared: Prepared, started: Run): Promise<Answer> => {
      const text = await prepared.compiled.use()?.(started);
      const answer: Answer = text
        ? { ...text, ...extensionsOf(prepared, started) }
        : { path: "stock", result: await runStock({ supergraph, isReference }, prepared, started) };
      onPath?.(answer.path);
      return answer;
    },
  };
}

type Core = ReturnType<typeof createCore>;

/** An engine that executes what `compile` makes of a plan, and the rest with Apollo's executor. */
export function createEngine(dependencies: EngineDependencies, compile: Compile): ExecutionEngine {
  const { supergraph, endpointOf } = dependencies;
  const core = createCore(dependencies, compile);
  const store = createPlanStore<Prepared>(supergraph, core.prepare, dependencies.planCapacity);
  const inParts = createPartsEngine(core, supergraph);

  const executeText: ExecutionEngine["executeText"] = async (operation, caller) => {
    const prepared = store.get(operation);
    const variables = prepared.coerce(operation.variables);
    if ("errors" in variables) return { path: "stock", result: { errors: variables.errors } };
    return core.run(prepared, core.start(variables.coerced, caller));
  };
  const execute = async (operation: Operation, caller: Caller) =>
    resultOf(await executeText(operation, caller));

  return {
    executeText,
    execute,
    executeInParts: async (operation, caller, deliver) => {
      await (inParts(operation, caller, deliver) ?? execute(operation, caller).then(deliver));
    },
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
          const started = core.start(variables.coerced, caller, withEvent(event, endpointOf));
          return nameEventSource(resultOf(await core.run(prepared, started)), trigger.serviceName);
        },
      };
    },
    warm: (documents) => {
      for (const text of documents) warmUp(text, supergraph, store);
    },
    planned: () => store.texts(),
    planCache: () => store.figures(),
  };
}

/** Each part is a run of its own that goes on from the answers of the one before. */
const createPartsEngine = (core: Core, supergraph: LoadedSupergraph) =>
  createDeferredEngine<Prepared>({
    supergraph,
    prepare: ({ planned, operation }) => core.prepare(planned, operation, true),
    run: async (prepared, { operation, caller, answers }) => {
      const variables = prepared.coerce(operation.variables);
      if ("errors" in variables) return { result: { errors: variables.errors }, state: [] };
      const started = core.start(variables.coerced, caller);
      Object.assign(started, { answers: [...answers], keepsAnswers: true });
      return { result: resultOf(await core.run(prepared, started)), state: started.answers };
    },
  });

const planNodes = ({ plan: { node } }: Planned) =>
  node && node.kind !== "Subscription" ? fetchesOf(node) : [];

/** What the compiled plan has fetched is used again; the rest is fetched now. */
async function runStock(
  { supergraph, isReference }: { supergraph: LoadedSupergraph; isReference: boolean },
  prepared: Prepared,
  started: Run,
): Promise<ExecutionResult> {
  const { variables, caller, endpointOf } = started;
  const result = await executeStock(supergraph, {
    planned: prepared.planned,
    variables,
    caller,
    sourceOf: (name) => {
      const live = liveSource(() => endpointOf(name), started);
      return replayed(started, prepared.marks, { name, live: isReference ? live : eachOnce(live) });
    },
  });
  const { extensions } = extensionsOf(prepared, started);
  return {
    ...result,
    ...(result.errors && { errors: oneErrorPerOutage(result.errors) }),
    ...(extensions && { extensions: { ...result.extensions, ...extensions } }),
  };
}

/** What is told beside the data: nothing at all for most answers. */
function extensionsOf(
  { deprecations }: Prepared,
  { idempotency }: Run,
): { extensions?: Record<string, unknown> } {
  if (idempotency === undefined && deprecations === undefined) return {};
  return {
    extensions: {
      ...(idempotency !== undefined && { idempotency }),
      ...(deprecations && { deprecations }),
    },
  };
}

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

/** Plans the operations of a document if the supergraph allows them; what is wrong with it is for its first request to say. */
function warmUp(text: string, { apiSchema }: LoadedSupergraph, store: PlanStore<Prepared>): void {
  try {
    const document = parse(text);
    if (validate(apiSchema, document).length > 0) return;
    for (const definition of document.definitions)
      if (definition.kind === Kind.OPERATION_DEFINITION) store.get({ document, definition }).compiled.make();
  } catch {
    // Documents of another supergraph may not even get through validation.
  }
}
