import type { SubgraphDeps } from "../../kit/run-subgraph.ts";
import type { PasClient } from "../adapters/pas-client.ts";
import type { Queue } from "../adapters/queue.ts";
import type { KpiPorts } from "../operations/kpi-ports.ts";
import type { PlmsConfig } from "../config.ts";
import type { Meter, Ports } from "../operations/ports.ts";

/** Adapters that the subgraph has to close itself. */
export interface PortParts {
  executor: PasClient;
  meter: Meter;
  queue: Queue;
  kpis: KpiPorts;
}

/** Something that runs beside the requests until it is closed. */
export interface Part {
  close(): Promise<void>;
}

/** What the work beside the requests needs. */
export interface BackgroundOptions {
  config: PlmsConfig;
  deps: SubgraphDeps;
  ports: Ports;
  queue: Queue;
}
