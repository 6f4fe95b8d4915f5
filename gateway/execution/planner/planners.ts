import { createRequire } from "node:module";
import type * as native from "@graphql-hive/router-query-planner";
import { messageOf } from "../../../lib/errors.ts";
import type { LoadedSupergraph } from "../../supergraph.ts";
import type { Plan, Planner, PlanRequest } from "../plan.ts";
import { createApolloPlanner } from "./apollo-planner.ts";
import { createNativePlanner } from "./native-planner.ts";

export const PLANNERS = ["native", "apollo"] as const;

export interface PlannersOptions {
  supergraph: LoadedSupergraph;
  /** The planner that is asked first. */
  preferred: (typeof PLANNERS)[number];
  /** Told once why the native planner is not used. */
  onFallback?: (problem: string) => void;
}

/**
 * The planner of a supergraph: the native one where it can, and Apollo's for what the native one cannot: machines that it
 * has no binary for, supergraphs that it cannot read, deferred parts, and operations that it fails at.
 */
export function createPlanner({ supergraph, preferred, onFallback }: PlannersOptions): Planner {
  let apollo: Planner | undefined;
  const fallback = (): Planner => (apollo ??= createApolloPlanner(supergraph));
  if (preferred === "apollo") return fallback();
  let first: Planner;
  try {
    const module = createRequire(import.meta.url)("@graphql-hive/router-query-planner") as typeof native;
    first = createNativePlanner(module, supergraph.sdl);
  } catch (error) {
    onFallback?.(messageOf(error));
    return fallback();
  }
  const isFor = ({ isDeferred, text }: PlanRequest) => !isDeferred && !needsApollo(supergraph, text);
  return {
    name: "native",
    plan: (request) => {
      if (!isFor(request)) return fallback().plan(request);
      try {
        return first.plan(request);
      } catch {
        return fallback().plan(request);
      }
    },
    planAsync: async (request): Promise<Plan> => {
      if (!isFor(request)) return fallback().planAsync(request);
      try {
        return await first.planAsync(request);
      } catch {
        return fallback().planAsync(request);
      }
    },
  };
}

/** The native planner does not fill in arguments that come from `@fromContext`. */
const needsApollo = ({ contextFields }: LoadedSupergraph, text: string): boolean =>
  contextFields.size > 0 && [...contextFields].some((name) => new RegExp(`\\b${name}\\b`).test(text));
