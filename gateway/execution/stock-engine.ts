import { createEngine } from "./create-engine.ts";
import type { EngineDependencies, ExecutionEngine } from "./engine.ts";

/** Executes everything with Apollo's own executor: what the compiled engine is measured and judged by. */
export const createStockEngine = (dependencies: EngineDependencies): ExecutionEngine =>
  createEngine(dependencies, () => undefined);
