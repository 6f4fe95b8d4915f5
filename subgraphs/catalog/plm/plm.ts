import { createEvents } from "../events.ts";
import { createCatalogMetrics } from "./adapters/metrics.ts";
import { createMrpProducts, type MrpReading } from "../products/adapters/mrp-products.ts";
import { createObservations } from "./adapters/observations.ts";
import type { CatalogConfig } from "../config.ts";
import type { PlmPorts } from "../context.ts";
import { PLM_CIRCUIT } from "./operations/circuits.ts";
import type { WiringDeps } from "../deps.ts";
import { wireHealth } from "./health.ts";
import { wireModes } from "./modes.ts";
import { wireReading } from "../products/reading.ts";
import { wireShadow } from "./shadow.ts";
import { wirePlmSource } from "./source.ts";

/** The PLM with everything that shields us from it. */
export async function wirePlm(
  config: CatalogConfig,
  given: WiringDeps & { onProductRead: (why: MrpReading) => void },
) {
  const { plm } = config;
  const running = new AsyncDisposableStack();
  const events = createEvents(given);
  running.defer(events.close);
  const observations = createObservations(given.db, given);
  running.defer(observations.close);
  const metrics = createCatalogMetrics(given.registry, [PLM_CIRCUIT]);
  const deps = { ...given, events, observations, metrics };

  const { modes, close: closeModes } = await wireModes(plm, deps);
  running.defer(closeModes);
  const source = await wirePlmSource(plm, { ...deps, modes });
  running.defer(source.close);
  const mrp = createMrpProducts(deps.db, given.onProductRead);
  const comparison = wireShadow(plm.shadow, { ...deps, modes, mrp, plm: source.shadow });
  running.defer(comparison.close);
  const { shadow, diffs } = comparison;
  const { circuits } = source;
  const reading = wireReading(config, { ...deps, modes, mrp, shadow, comparison, circuits, plm: source.plm });
  running.defer(reading.close);
  const { cachedSince, cacheProblem } = reading;
  const { leftovers } = reading.ports;
  const health = wireHealth(plm, { ...deps, modes, circuits, diffs, leftovers, cachedSince, cacheProblem });
  running.defer(health.close);

  const ports: PlmPorts = {
    ...reading.ports,
    modes,
    circuits,
    observations,
    diffs,
    comparisons: comparison.comparisons,
    watchDiffs: comparison.watch,
    health,
    settings: plm,
    clock: deps.clock,
  };
  return { ports, cacheProblem, start: () => void reading.warm(), close: () => running.disposeAsync() };
}
