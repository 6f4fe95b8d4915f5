import { compileOperation } from "./compile/operation.ts";
import { createEngine } from "./create-engine.ts";
import type { EngineDependencies, ExecutionEngine } from "./engine.ts";

/**
 * Executes compiled plans. What cannot be compiled, and whatever does not come out clean, is executed by
 * Apollo's executor on the answers that have been fetched by then.
 */
export const createCompiledEngine = (dependencies: EngineDependencies): ExecutionEngine =>
  createEngine(dependencies, compileOperation);
