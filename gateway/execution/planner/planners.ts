import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Kind, print, specifiedDirectives, visit, type DocumentNode } from "graphql";
import { isCodedError, messageOf } from "../../../lib/errors.ts";
import { linkedFeatures } from "../../../lib/linked-features.ts";
import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { OverrideSettings } from "../../supergraph/overrides.ts";
import type { QueryPlan } from "@graphql-hive/router-query-planner";
import type { Planner, PlanRequest } from "../plan.ts";
import type * as apollo from "./apollo-planner.ts";
import { lazily } from "../receive.ts";
import { planAside } from "./apollo-aside.ts";
import { createPlanInParts } from "./in-parts.ts";
import { planOf } from "./native-planner.ts";
import { createPlanAlone } from "./one-subgraph.ts";
import { PlannerEnded, PlannerProcess } from "./planner-process.ts";
import { createProof } from "./proof/prove-plan.ts";
import { SubgraphViews } from "./proof/subgraph-view.ts";
import { createProving } from "./proved-planner.ts";
import { missingOfApollo, notPlannable, refusing } from "./without-apollo.ts";

/**
 * - `native`: the native planner first, Apollo's for what that cannot do, where it is installed
 * - `apollo`: Apollo's alone
 * - `native-only`: the native one alone
 */
export const PLANNERS = ["native", "apollo", "native-only"] as const;

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
const READING_MS = 5_000;

/** One process is enough for all engines: it plans in well under a millisecond. */
const nativeProcess = new PlannerProcess<QueryPlan>({
  name: "native planner",
  file: "planner-child.js",
  loadingMs: 5_000,
  patienceMs: 5_000,
  restMs: 1_000,
});

/**
 * The planner of a supergraph. What one subgraph can answer alone needs none. For the rest it is the native one where it can,
 * and Apollo's for what the native one cannot: machines that it has no binary for, supergraphs that it cannot read,
 * deferred parts, arguments from a context, operations that it fails at or gets wrong; without Apollo's, these are refused.
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
  const planAlone = createPlanAlone(supergraph, { views, gapIn });
  const isAlone = preferred !== "apollo" && isNativeAlone(preferred);
  if (isAlone) requireReadable(supergraph);
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
      planAside({ id: supergraph.id, sdl: supergraph.sdl }, request).catch((error: unknown) => {
        if (error instanceof PlannerEnded) onFallback?.(error.message);
        throw error;
      }),
  });
  if (preferred === "apollo") {
    requireApollo();
    onLoop();
    const { planAsync } = apolloPlanner;
    return orRefused(
      { ...apolloPlanner, planAsync: createPlanInParts(supergraph, { planAsync, gapIn }) },
      onFallback,
    );
  }
  const other = isAlone ? refusing : apolloPlanner;
  const planTogether = nativeOrApollo(options, { proving, other });
  return {
    name: "native",
    plan: (request) => planAlone(request) ?? other.plan(request),
    planAsync: createPlanInParts(supergraph, {
      planAsync: async (request) => planAlone(request) ?? planTogether(request),
      gapIn,
    }),
  };
}

/** Apollo's planner where it is the only one: what it has no plan for, or none that is proved, is refused; the log has why. */
const orRefused = (planner: Planner, onFallback: PlannersOptions["onFallback"]): Planner => ({
  ...planner,
  planAsync: (request) =>
    planner.planAsync(request).catch((error: unknown) => {
      if (isCodedError(error) || request.isDeferred === true) throw error;
      onFallback?.(
        `Apollo's planner, which is the only one here, fails at an operation: ${messageOf(error)}`,
      );
      throw notPlannable("Apollo's planner");
    }),
});

/** @throws Error naming the packages that are not installed */
function requireApollo(): void {
  const missing = missingOfApollo();
  if (missing.length > 0)
    throw new Error(
      `QUERY_PLANNER: "apollo" needs ${missing.join(" and ")}, which this installation leaves out; expected "native"`,
    );
}

/** Whether the native planner is the only one, by choice or because Apollo's is not installed. */
export const isNativeAlone = (preferred: PlanningSettings["preferred"]): boolean =>
  preferred === "native-only" || (preferred === "native" && missingOfApollo().length > 0);

/**
 * Nobody else could plan for a supergraph that the native planner cannot read.
 *
 * @throws Error saying why it cannot
 */
function requireReadable({ document }: LoadedSupergraph): void {
  const problem = missingBinary() ?? problemReading(planningSdl(document));
  if (problem !== undefined)
    throw new Error(`the native planner, which is the only one here, cannot read the supergraph: ${problem}`);
}

/** What keeps the native planner from a supergraph, tried in a process of its own, for it may end that. */
function problemReading(sdl: string): string | undefined {
  const file = fileURLToPath(new URL("planner-child.js", import.meta.url));
  const { status, signal, stdout } = spawnSync(process.execPath, [file, "--read"], {
    input: sdl,
    encoding: "utf8",
    timeout: READING_MS,
  });
  if (status === 0) return undefined;
  return stdout || `its process ended with ${signal ?? String(status)}`;
}

/** Plans what takes several subgraphs. */
function nativeOrApollo(
  { supergraph, onFallback }: PlannersOptions,
  { proving, other }: { proving: (planner: Planner) => Planner; other: Planner },
): Planner["planAsync"] {
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
    plan: (request) => other.plan(request),
    planAsync: async (request) => planOf(await nativeProcess.plan(source(), request)),
  });
  return async (request) => {
    if (!(await isForNative(request))) return other.planAsync(request);
    return native.planAsync(request).catch((error: unknown) => {
      onFallback?.(`the native planner fails at an operation: ${messageOf(error)}`);
      return other.planAsync(request);
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
