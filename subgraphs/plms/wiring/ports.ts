import type { PlmsConfig } from "../config.ts";
import type { Ports } from "../operations/ports.ts";
import { controlPorts } from "./control-ports.ts";
import type { PortParts } from "./deps.ts";
import type { SubgraphDeps } from "../../kit/run-subgraph.ts";
import { estimationPorts } from "./estimation-ports.ts";
import { usableKpisOf } from "./kpi-ports.ts";
import { runPorts } from "./run-ports.ts";

/** Every port of the use cases on its adapter, one concern a line. */
export const wirePorts = (config: PlmsConfig, deps: SubgraphDeps, parts: PortParts): Ports => ({
  ...runPorts(config, deps, parts),
  ...controlPorts(config, deps, usableKpisOf(parts.kpis)),
  ...parts.kpis,
  ...estimationPorts(config, deps),
});
