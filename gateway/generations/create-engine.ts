import { asGraphQLError } from "../errors/errors.ts";
import { isCodedError } from "../../lib/errors.ts";
import { GraphQLError, type ExecutionResult } from "graphql";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import { createDeferredOperations } from "../execution/defer/deferred-engine.ts";
import { executeDeferred } from "../execution/defer/execute-deferred.ts";
import type { Deliver } from "../execution/payload.ts";
import { createLocate, type Locate } from "../execution/client-path.ts";
import { createDeprecations, type Deprecation } from "../execution/deprecations.ts";
import {
  resultOf,
  type Answer,
  type EngineDependencies,
  type ExecutionEngine,
  type Operation,
  type SubscriptionPlan,
} from "../execution/engine.ts";
import { Explanation } from "../execution/explanation.ts";
import { introspection } from "../execution/introspection.ts";
import { copyOf } from "../execution/json.ts";
import { planOf, planText } from "./plan-text.ts";
import { overridesFor, overridesForAll, type OverrideSettings } from "../supergraph/overrides.ts";
import type { RootFetch } from "../execution/plan.ts";
import { createPlanStore, type Plannable, type Planned, type PlanChoice } from "../execution/plan-store.ts";
import { createPlanner } from "../execution/planner/planners.ts";
import { compileProjection, type Project } from "../execution/projection.ts";
import { compileSplice, type Splice } from "../execution/splice/compile-splice.ts";
import { startRun, type Run, type Step } from "../execution/run.ts";
import { receiveEvent } from "../execution/receive.ts";
import { compileSteps } from "../execution/steps.ts";
import { createCoercions } from "../execution/variables.ts";

/** An operation with everything that is made once of it. */
interface Prepared {
  planned: Planned;
  /** Answers without parsing, where the plan allows it; undefined the first time, for that costs more than it saves. */
  inText: () => InText | undefined;
  fetchAll: Step;
  project: Project;
  locate: Locate;
  /** What it asks of the schema itself; undefined for most operations. */
  introspect: ((run: Run) => void) | undefined;
  /** Told with every answer; undefined for most operations. */
  deprecations: Deprecation[] | undefined;
}

/** What every way of executing is made of. */
function createCore(dependencies: EngineDependencies) {
  const { supergraph, endpointOf, timeoutMs, overrides = NO_SETTINGS } = dependencies;
  const forAll = overridesForAll(overrides);
  const planner = dependencies.planner ?? createPlanner({ supergraph, preferred: "native" });
  const coercionOf = createCoercions(supergraph);
  const prepare = prepareWith(supergraph);
  return {
    supergraph,
    forAll,
    store: createPlanStore<Prepared>({
      supergraph,
      planner,
      finish: prepare,
      capacity: dependencies.planCapacity,
    }),
    deferred: createDeferredOperations<Prepared>({ supergraph, planner, prepare }),
    /** Which plan a request gets, or what is wrong with its variables. */
    choose: (operation: Operation, caller: Caller | undefined): PlanChoice | { errors: GraphQLError[] } => {
      const variables = coercionOf(operation)(operation.variables);
      if ("errors" in variables) return variables;
      const { labels, percentile } =
        caller && supergraph.overrides.length > 0 ? overridesFor(overrides, caller) : forAll;
      return { variables: variables.coerced, limitKey: caller?.limitKey, labels, percentile };
    },
    start: (variables: Run["variables"], caller: Caller, explanation?: Explanation): Run => {
      const timed =
        timeoutMs === undefined ? caller : { ...caller, deadlineAtMs: performance.now() + timeoutMs };
      return startRun({ variables, caller: timed, endpointOf, explanation });
    },
  };
}

type Core = ReturnType<typeof createCore>;

/** An engine that plans operations, fetches what the plans say, and writes the answers. */
export function createEngine(dependencies: EngineDependencies): ExecutionEngine {
  const { onPath } = dependencies;
  const core = createCore(dependencies);
  const { store } = core;
  const executeText: ExecutionEngine["executeText"] = async (operation, caller) => {
    const choice = core.choose(operation, caller);
    if ("errors" in choice) return { path: "compiled", errors: choice.errors };
    try {
      const { prepared, explanation } = await preparedFor(core, operation, choice);
      const answer = await answerTo(prepared, core.start(choice.variables, caller, explanation));
      onPath?.(answer.path);
      return answer;
    } catch (error) {
      return { path: "compiled", errors: [isCodedError(error) ? asGraphQLError(error) : unplannable(error)] };
    }
  };
  const executeResult = async (operation: Operation, caller: Caller) =>
    resultOf(await executeText(operation, caller));

  return {
    executeText,
    execute: executeResult,
    executeInParts: async (operation, caller, deliver) => {
      // Who wants to know how an answer comes about gets it in one piece, as every server may answer.
      const executed = !operation.explains && (await executeInParts(core, { operation, caller, deliver }));
      if (!executed) deliver(await executeResult(operation, caller));
    },
    planAhead: (operation, limitKey) => {
      const choice = core.choose(operation, undefined);
      if ("errors" in choice) return undefined;
      const prepared = store.get(operation, { ...choice, limitKey });
      return prepared instanceof Promise ? planned(prepared) : undefined;
    },
    planSubscription: (operation) => planSubscription(core, operation),
    warm: async (documents) => {
      await Promise.all([...documents].map((text) => planText(text, core)));
    },
    planned: () => store.texts(),
    planCache: () => store.figures(),
    planOf: (text, name) => planOf(text, name, core),
  };
}

/** An operation with its plan, and with somebody who watches where it is to be explained. */
async function preparedFor({ store }: Core, operation: Operation, choice: PlanChoice) {
  const beganMs = performance.now();
  const found = store.get(operation, choice);
  const prepared = await found;
  const planningMs = found instanceof Promise ? performance.now() - beganMs : null;
  const explanation = operation.explains ? new Explanation(prepared.planned.plan, planningMs) : undefined;
  return { prepared, explanation };
}

/** Executes an operation in its parts, each going on from what is known; false when nothing of it is deferred. */
async function executeInParts(
  core: Core,
  { operation, caller, deliver }: { operation: Operation; caller: Caller; deliver: Deliver },
): Promise<boolean> {
  const choice = core.choose(operation, caller);
  if ("errors" in choice) return false;
  const prepared = await core.deferred.partsOf(operation, choice).catch(() => undefined);
  if (!prepared) return false;
  const run = core.start(choice.variables, caller);
  const step = async (part: Prepared | undefined): Promise<ExecutionResult> => {
    if (!part) throw new Error("a deferred part without a plan");
    await part.fetchAll(run);
    return resultOf(answerOf(part, run));
  };
  await executeDeferred(
    {
      parts: prepared.split.parts,
      runPrimary: () => step(prepared.primary),
      runPart: ({ id }) => step(prepared.parts.get(id)),
    },
    deliver,
  );
  return true;
}

function planSubscription(core: Core, operation: Operation): SubscriptionPlan | ExecutionResult {
  const choice = core.choose(operation, undefined);
  if ("errors" in choice) return { errors: choice.errors };
  const prepared = core.store.getNow(operation, choice);
  const { trigger } = prepared.planned.plan;
  if (!trigger) return { errors: [new GraphQLError("This operation is not a subscription")] };
  const { isOfType, eventStreams } = core.supergraph;
  const stream = [...eventStreams.values()].find(({ subgraph }) => subgraph === trigger.subgraph);
  const received = { ...trigger, isOfType, subgraph: stream?.owner ?? trigger.subgraph };
  return {
    subgraph: trigger.subgraph,
    request: triggerRequest(trigger, choice.variables),
    complete: async (event, caller) => {
      const explanation = operation.explains ? new Explanation(prepared.planned.plan, null) : undefined;
      const run = core.start(choice.variables, caller, explanation);
      const { data, errors = [] } = event;
      run.isPlain = false;
      receiveEvent(run, { data: data && copyOf(data), errors }, received);
      await prepared.fetchAll(run);
      return resultOf(answerOf(prepared, run));
    },
  };
}

/** @throws CodedError that is for the caller; what the planner cannot do is told where its plan is needed */
async function planned(planning: Promise<unknown>): Promise<void> {
  try {
    await planning;
  } catch (error) {
    if (isCodedError(error)) throw error;
  }
}

const NO_SETTINGS: OverrideSettings = { labels: new Set() };

/** The way through the subgraphs' text, and the one that goes on from what has been fetched in it. */
interface InText {
  splice: Splice;
  fetchAll: Step;
}

function inTextOf(planned: Planned, supergraph: LoadedSupergraph): InText | undefined {
  const spliceable = compileSplice(planned, supergraph);
  if (!spliceable) return undefined;
  const { splice, node } = spliceable;
  return { splice, fetchAll: compileSteps(node, supergraph) };
}

/** Undefined at the first use; made at the second, and kept. */
function atSecondUse<T>(make: () => T): () => T | undefined {
  let uses = 0;
  let made: T | undefined;
  return () => {
    uses += 1;
    if (uses === 2) made = make();
    return made;
  };
}

const prepareWith =
  (supergraph: LoadedSupergraph, deprecationsIn = createDeprecations(supergraph.apiSchema)) =>
  (planned: Planned, source?: Plannable): Prepared => {
    // Parts of an operation and events go on from data that is there.
    const isWhole = source !== undefined && !planned.plan.trigger;
    return {
      planned,
      inText: isWhole ? atSecondUse(() => inTextOf(planned, supergraph)) : () => undefined,
      fetchAll: compileSteps(planned.plan.node, supergraph),
      project: compileProjection(supergraph.apiSchema, planned.operation, planned.fieldsToPart),
      locate: createLocate(supergraph.apiSchema, planned.operation),
      introspect: introspection(supergraph, planned.operation),
      deprecations: source && deprecationsIn(source),
    };
  };

/** Copies the answer out of the subgraphs' text where that can be done, and puts it together otherwise. */
async function answerTo(prepared: Prepared, run: Run): Promise<Answer> {
  // What is explained goes step by step.
  const inText = run.explanation ? undefined : prepared.inText();
  const data = await inText?.splice(run);
  if (data !== undefined) return answerWith("splice", data, { prepared, run });
  await (inText ?? prepared).fetchAll(run);
  return answerOf(prepared, run);
}

function answerOf(prepared: Prepared, run: Run): Answer {
  prepared.introspect?.(run);
  return answerWith("compiled", prepared.project(run), { prepared, run });
}

function answerWith(
  path: Answer["path"],
  data: string,
  { prepared, run }: { prepared: Prepared; run: Run },
): Answer {
  const extensions = extensionsOf(prepared, run);
  const errors = run.isFaulty ? run.faults.errors(run.data, prepared.locate) : [];
  const answer = extensions ? { path, data, extensions } : { path, data };
  return errors.length > 0 ? { ...answer, errors } : answer;
}

/** What is told beside the data: nothing at all for most answers. */
function extensionsOf({ deprecations }: Prepared, { idempotency, explanation }: Run): Answer["extensions"] {
  if (idempotency === undefined && deprecations === undefined && !explanation) return undefined;
  return {
    ...(idempotency !== undefined && { idempotency }),
    ...(deprecations && { deprecations }),
    ...(explanation && { explain: explanation.told() }),
  };
}

const unplannable = (cause: unknown) =>
  new GraphQLError("The operation cannot be planned", {
    originalError: cause instanceof Error ? cause : null,
    extensions: { code: "INTERNAL" },
  });

function triggerRequest(
  trigger: RootFetch,
  variables: Readonly<Record<string, unknown>>,
): SubscriptionPlan["request"] {
  const used = trigger.variables.filter((name) => Object.hasOwn(variables, name));
  return {
    query: trigger.operation,
    operationName: trigger.operationName,
    variables: Object.fromEntries(used.map((name) => [name, variables[name]])),
  };
}
