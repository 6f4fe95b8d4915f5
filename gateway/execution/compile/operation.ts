import type { LoadedSupergraph } from "../../supergraph.ts";
import type { Planned } from "../plan-store.ts";
import { compileSplice } from "../splice/compile-splice.ts";
import { NotCompilable } from "./not-compilable.ts";
import { compilePlan } from "./plan.ts";
import { compileProjection } from "./projection.ts";
import type { Run } from "./run.ts";

/** Runs a plan and gives the `data` of the answer as JSON text; undefined leaves the run to Apollo's executor. */
export type CompiledOperation = (
  run: Run,
) => Promise<{ data: string; path: "splice" | "compiled" } | undefined>;

/** An operation as functions; undefined when it has a shape that is not compiled. */
export function compileOperation(
  planned: Planned,
  supergraph: LoadedSupergraph,
  isPart: boolean,
): CompiledOperation | undefined {
  try {
    const fetchAll = compilePlan(planned.plan, supergraph.supergraphSchema);
    const project = compileProjection(planned.operation);
    const splice = isPart ? undefined : compileSplice(planned, supergraph);
    return async (run) => {
      const spliced = await splice?.(run);
      if (spliced !== undefined) return { data: spliced, path: "splice" };
      await fetchAll(run);
      if (run.isIrregular) return undefined;
      const data = project(run.data ?? {}, run.variables);
      return data === undefined ? undefined : { data, path: "compiled" };
    };
  } catch (error) {
    if (error instanceof NotCompilable) return undefined;
    throw error;
  }
}
