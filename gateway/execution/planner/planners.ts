import { createRequire } from "node:module";
import type * as native from "@graphql-hive/router-query-planner";
import { messageOf } from "../../../lib/errors.ts";
import type { LoadedSupergraph } from "../../supergraph.ts";
import type { OverrideSettings } from "../overrides.ts";
import type { Planner, PlanRequest } from "../plan.ts";
import type * as apollo from "./apollo-planner.ts";
import { createNativePlanner } from "./native-planner.ts";

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
  /** Told why the native planner is not used: once for a supergraph, once for each operation that it fails at. */
  onFallback?: ((problem: string) => void) | undefined;
}

const load = createRequire(import.meta.url);

/**
 * The planner of a supergraph: the native one where it can, and Apollo's for what the native one cannot: machines that it
 * has no binary for, supergraphs that it cannot read, deferred parts, arguments from a context, and operations that it
 * fails at. Apollo's takes a fifth of a second to load, so that is done when it is needed.
 *
 * @throws Error when neither can read the supergraph
 */
export function createPlanner({ supergraph, preferred, onFallback }: PlannersOptions): Planner {
  let made: Planner | undefined;
  const apolloPlanner = (): Planner => {
    const { createApolloPlanner } = load("./apollo-planner.ts") as typeof apollo;
    return (made ??= createApolloPlanner(supergraph));
  };
  if (preferred === "apollo") return apolloPlanner();
  let first: Planner;
  try {
    const module = load("@graphql-hive/router-query-planner") as typeof native;
    first = createNativePlanner(module, supergraph.sdl);
  } catch (error) {
    onFallback?.(`the native planner cannot be used: ${messageOf(error)}`);
    return apolloPlanner();
  }
  const isForNative = ({ isDeferred, text }: PlanRequest) => !isDeferred && !usesContext(supergraph, text);
  const otherwise = (error: unknown): Planner => {
    onFallback?.(`the native planner fails at an operation: ${messageOf(error)}`);
    return apolloPlanner();
  };
  return {
    name: "native",
    plan: (request) => {
      if (!isForNative(request)) return apolloPlanner().plan(request);
      try {
        return first.plan(request);
      } catch (error) {
        return otherwise(error).plan(request);
      }
    },
    planAsync: async (request) => {
      if (!isForNative(request)) return apolloPlanner().planAsync(request);
      return first.planAsync(request).catch(async (error: unknown) => otherwise(error).planAsync(request));
    },
  };
}

/** The native planner does not fill in arguments that come from `@fromContext`. */
const usesContext = ({ contextFields }: LoadedSupergraph, text: string): boolean =>
  contextFields.size > 0 && (text.match(/\w+/g) ?? []).some((name) => contextFields.has(name));
