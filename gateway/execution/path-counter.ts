import { Counter, type Registry } from "prom-client";
import type { ExecutionPath } from "./engine.ts";

/** Counts executions by the way they took. */
export function countPaths(registry: Registry): (path: ExecutionPath) => void {
  const executions = new Counter({
    name: "gateway_executions_total",
    help: "Executed operations by path: splice and compiled are ours, stock is Apollo's executor",
    labelNames: ["path"] as const,
    registers: [registry],
  });
  const counters = {
    splice: executions.labels("splice"),
    compiled: executions.labels("compiled"),
    stock: executions.labels("stock"),
  };
  return (path) => counters[path].inc();
}
