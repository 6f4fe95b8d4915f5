import type { Registry } from "prom-client";
import type { SubgraphDeps } from "../kit/run-subgraph.ts";

/** What each part of the wiring is given: `wireX(config, deps)` answers `{ ports, close }`. */
export interface WiringDeps extends SubgraphDeps {
  registry: Registry;
}
