import { createRequire } from "node:module";
import { Kind, print, specifiedDirectives, visit, type DocumentNode } from "graphql";
import { messageOf } from "../../../lib/errors.ts";
import { linkedFeatures } from "../../../lib/linked-features.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { OverrideSettings } from "../../supergraph/overrides.ts";
import type { QueryPlan } from "@graphql-hive/router-query-planner";
import type { Plan, Planner, PlanRequest } from "../plan.ts";
import type * as apollo from "./apollo-planner.ts";
import { lazily } from "../receive.ts";
import { createPlanInParts } from "./in-parts.ts";
import { planOf } from "./native-planner.ts";
import { createPlanAlone } from "./one-subgraph.ts";
import { PlannerEnded, PlannerProcess } from "./planner-process.ts";
import { createProof } from "./proof/prove-plan.ts";
import { SubgraphViews } from "./proof/subgraph-view.ts";
import { createProving } from "./proved-planner.ts";

export const PLANNERS = ["native", "apollo"] as const;

/** How operations are planned. */
export interface PlanningSettings {
  /** The planner that is asked first. */
  preferred: (typeof PLANNERS)[number];
  /** How requests get their labels of `@override`. */
  overrides: OverrideSettings;
}

interface PlannersOptions extends Pick<PlanningSettings, "preferred"> {
  supergraph: LoadedSupergraph;
  /**
   * Told why a planner is not used: of the native one once for a supergraph and once for each operation that it fails at, of
   * Apollo's for each operation that ends its process or has to be planned at once.
   */
  onFallback?: ((problem: string) => void) | undefined;
}

const load = createRequire(import.meta.url);

/** One process is enough for all engines: it plans in well under a millisecond. */
const nativeProcess = new PlannerProcess<QueryPlan>({
  name: "native planner",
  file: "planner-child.js",
  loadingMs: 5_000,
  patienceMs: 5_000,
  restMs: 1_000,
});

/** It takes seconds to load on a busy machine, and for ever over some operations. */
const apolloProcess = new PlannerProcess<Plan>({
  name: "planner of Apollo",
  file: "apollo-child.ts",
  loadingMs: 30_000,
  patienceMs: 10_000,
  restMs: 0,
});

/** One operation at a time: the process ends over one that takes too long, and would take others with it. */
let lastOfApollo: Promise<unknown> = Promise.resolve();
function planAside({ id, sdl }: LoadedSupergraph, request: PlanRequest): Promise<Plan> {
  const planned = lastOfApollo.then(() => apolloProcess.plan({ id, sdl }, request));
  lastOfApollo = planned.catch(() => {});
  return planned;
}

/**
 * The planner of a supergraph. What one subgraph can answer alone needs none. For the rest it is the native one where it can,
 * and Apollo's for what the native one cannot: machines that it has no binary for, supergraphs that it cannot read,
 * deferred parts, arguments from a context, operations that it fails at or gets wrong.
 * What neither can plan as a whole is planned in parts.
 * Both take long to load, so that is done when they are needed.
 *
 * @throws Error when neither can read the supergraph
 */
export function createPlanner(options: PlannersOptions): Planner {
  const { supergraph, preferred, onFallback } = options;
  const views = lazily(() => new SubgraphViews(supergraph.document));
  const gapIn = createProof(supergraph, views);
  const proving = createProving(supergraph, gapIn);
  const onLoop = lazily(() => {
    const { createApolloPlanner } = load("./apollo-planner.ts") as typeof apollo;
    return createApolloPlanner(supergraph);
  });
  const apolloPlanner = proving({
    name: "apollo",
    plan: (request) => {
      onFallback?.("a subscription is planned on the event loop: its plan was forgotten meanwhile");
      return onLoop().plan(request);
    },
    planAsync: (request) =>
      planAside(supergraph, request).catch((error: unknown) => {
        if (error instanceof PlannerEnded) onFallback?.(error.message);
        throw error;
      }),
  });
  if (preferred === "apollo") {
    onLoop();
    return {
      ...apolloPlanner,
      planAsync: createPlanInParts(supergraph, { planAsync: apolloPlanner.planAsync, gapIn }),
    };
  }
  const planAlone = createPlanAlone(supergraph, { views, gapIn });
  const planTogether = nativeOrApollo(options, { proving, apolloPlanner });
  return {
    name: "native",
    plan: (request) => planAlone(request) ?? apolloPlanner.plan(request),
    planAsync: createPlanInParts(supergraph, {
      planAsync: async (request) => planAlone(request) ?? planTogether(request),
      gapIn,
    }),
  };
}

/** Plans what takes several subgraphs. */
function nativeOrApollo(
  { supergraph, onFallback }: PlannersOptions,
  { proving, apolloPlanner }: { proving: (planner: Planner) => Planner; apolloPlanner: Planner },
): Planner["planAsync"] {
  const planByApollo: Planner["planAsync"] = async (request) => apolloPlanner.planAsync(request);
  const source = lazily(() => ({ id: supergraph.id, sdl: planningSdl(supergraph.document) }));
  const isReadable = lazily(async () => {
    const problem = missingBinary() ?? (await nativeProcess.problemWith(source()));
    if (problem !== undefined) onFallback?.(`the native planner cannot read the supergraph: ${problem}`);
    return problem === undefined;
  });
  const isForNative = async ({ isDeferred, text }: PlanRequest) =>
    !isDeferred && !usesContext(supergraph, text) && (await isReadable());
  const native = proving({
    name: "native",
    plan: (request) => apolloPlanner.plan(request),
    planAsync: async (request) => planOf(await nativeProcess.plan(source(), request)),
  });
  return async (request) => {
    if (!(await isForNative(request))) return planByApollo(request);
    return native.planAsync(request).catch((error: unknown) => {
      onFallback?.(`the native planner fails at an operation: ${messageOf(error)}`);
      return planByApollo(request);
    });
  };
}

/** Why there is no native planner on this machine; it is only loaded to see that, for it plans in a process of its own. */
function missingBinary(): string | undefined {
  try {
    load("@graphql-hive/router-query-planner");
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** The native planner does not fill in arguments that come from `@fromContext`. */
const usesContext = ({ contextFields }: LoadedSupergraph, text: string): boolean =>
  contextFields.size > 0 && (text.match(/\w+/g) ?? []).some((name) => contextFields.has(name));

const NEEDED = new Set(["join", "link", "core"].map((name) => `https://specs.apollo.dev/${name}`));
const BUILT_IN = new Set(["link", "core", ...specifiedDirectives.map(({ name }) => name)]);

/**
 * A supergraph with what plans depend on: how its subgraphs are joined. Directives for others are left out, because the
 * native planner knows some of them by their names alone, and ends the process over a `@cost` of somebody else's
 * specification. Operations have been validated and authorised by all of them before they are planned.
 */
function planningSdl(supergraph: DocumentNode): string {
  const needed = linkedFeatures(supergraph).filter(({ identity }) => NEEDED.has(identity));
  const isNeeded = (name: string) => BUILT_IN.has(name) || needed.some((feature) => feature.owns(name));
  return print(
    visit(supergraph, {
      [Kind.DIRECTIVE]: ({ name }) => (isNeeded(name.value) ? undefined : null),
      [Kind.DIRECTIVE_DEFINITION]: ({ name }) => (isNeeded(name.value) ? undefined : null),
    }),
  );
}
