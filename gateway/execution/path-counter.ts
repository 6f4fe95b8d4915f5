import type { Registry } from "prom-client";
import { hotCounter } from "../../lib/hot-metrics.ts";
import type { ExecutionPath } from "./engine.ts";

/** Counts executions by the way they took. */
export function countPaths(registry: Registry): (path: ExecutionPath) => void {
  const executions = hotCounter({
    name: "gateway_executions_total",
    help: "Executed operations by path: splice and compiled are ours, stock is Apollo's executor",
    labelNames: ["path"],
    registry,
  });
  const counters = {
    splice: executions({ path: "splice" }),
    compiled: executions({ path: "compiled" }),
    stock: executions({ path: "stock" }),
  };
  return (path) => counters[path].inc();
}
