import { createEvents } from "./events.ts";
import { createCatalogMetrics } from "./adapters/metrics.ts";
import { createMrpProducts, type MrpReading } from "../products/adapters/mrp-products.ts";
import { createObservations } from "./adapters/observations.ts";
import type { CatalogConfig } from "../config.ts";
import type { PlmPorts } from "../context.ts";
import { PLM_CIRCUIT } from "./operations/circuits.ts";
import type { CatalogDeps } from "../deps.ts";
import { createPlmHealth } from "./health.ts";
import { createModes } from "./modes.ts";
import { createReading } from "../products/reading.ts";
import { createShadow } from "./shadow.ts";
import { createPlmSource } from "./source.ts";

/** The PLM with everything that shields us from it. */
export async function createPlm(
  config: CatalogConfig,
  given: CatalogDeps & { onProductRead: (why: MrpReading) => void },
) {
  const { plm } = config;
  const running = new AsyncDisposableStack();
  const events = createEvents(given);
  running.defer(events.close);
  const observations = createObservations(given.db, given);
  running.defer(observations.close);
  const metrics = createCatalogMetrics(given.registry, [PLM_CIRCUIT]);
  const deps = { ...given, events, observations, metrics };

  const { modes, close: closeModes } = await createModes(plm, deps);
  running.defer(closeModes);
  const source = await createPlmSource(plm, { ...deps, modes });
  running.defer(source.close);
  const mrp = createMrpProducts(deps.db, given.onProductRead);
  const comparison = createShadow(plm.shadow, { ...deps, modes, mrp, plm: source.shadow });
  running.defer(comparison.close);
  const { shadow, diffs } = comparison;
  const { circuits } = source;
  const reading = createReading(config, {
    ...deps,
    modes,
    mrp,
    shadow,
    comparison,
    circuits,
    plm: source.plm,
  });
  running.defer(reading.close);
  const { cachedSince, cacheProblem } = reading;
  const { leftovers } = reading.ports;
  const health = createPlmHealth(plm, {
    ...deps,
    modes,
    circuits,
    diffs,
    leftovers,
    cachedSince,
    cacheProblem,
  });
  running.defer(health.close);

  const ports: PlmPorts = {
    ...reading.ports,
    readPlmCatalogue: async (request) => (await source.plm.readCatalogue(request)).models,
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
