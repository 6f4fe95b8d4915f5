import type { Registry } from "prom-client";
import { hotCounter } from "../../lib/hot-metrics.ts";
import type { ExecutionPath } from "./engine.ts";

/** Counts executions by the way they took. */
export function countPaths(registry: Registry): (path: ExecutionPath) => void {
  const executions = hotCounter({
    name: "gateway_executions_total",
    help: "Executed operations by path: splice copies the subgraphs' text, compiled puts the answer together",
    labelNames: ["path"],
    registry,
  });
  const counters = {
    splice: executions({ path: "splice" }),
    compiled: executions({ path: "compiled" }),
  };
  return (path) => counters[path].inc();
}
