import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createBomRevisions } from "./adapters/bom-revisions.ts";
import type { Events } from "../plm/events.ts";
import { createPlmLeftovers } from "./adapters/leftovers.ts";
import type { CatalogMetrics } from "../plm/adapters/metrics.ts";
import type { CatalogConfig } from "../config.ts";
import type { PlmPorts } from "../context.ts";
import type { Provenance } from "./domain/provenance.ts";
import type { Circuits, MrpSource, PlmModes, PlmSource, Shadow } from "./operations/ports.ts";
import type { Observations } from "../plm/ports.ts";
import type { PlmLeftovers } from "./ports.ts";
import {
  CATALOGUE_KEY,
  readCatalogue,
  type CatalogueSources,
  type OnLeftovers,
} from "./operations/read-catalogue.ts";
import { readConfiguration, type ConfigurationSources } from "./operations/read-configuration.ts";
import { createCaches } from "./caches.ts";
import type { CatalogDeps } from "../deps.ts";
import { createInvalidation } from "./invalidation.ts";
import { createRefresh } from "./refresh.ts";

interface ReadingDeps extends CatalogDeps {
  events: Events;
  metrics: CatalogMetrics;
  observations: Observations;
  modes: PlmModes;
  circuits: Circuits;
  plm: PlmSource;
  mrp: MrpSource;
  shadow: Shadow;
  comparison: Parameters<typeof createRefresh>[1]["comparison"];
}

/** Longest wait for the hints of other replicas; without a database they do not come. */
const HINTS_PATIENCE_MS = 2_000;

type ReadingPorts = Pick<
  PlmPorts,
  "readCatalogue" | "readConfiguration" | "invalidate" | "revisions" | "leftovers" | "usesWanted"
>;

/** The readings of the catalogue with what is kept of them, and what makes them new again. */
export function createReading({ plm, redisUrl }: CatalogConfig, deps: ReadingDeps) {
  const { modes, metrics, observations } = deps;
  const caches = createCaches({ ...plm.cache, redisUrl }, deps);
  const { catalogues, configurations, misses } = caches;
  const invalidation = createInvalidation({ ...deps, caches: [catalogues, configurations, misses] });
  const revisions = createBomRevisions(deps.db, deps);
  const leftovers = createPlmLeftovers(deps.db);
  const onLeftovers = keeping(leftovers, deps);
  const common = { ...deps, misses, fallbackEnabled: plm.fallbackEnabled, onLeftovers };
  const { isShrinkAccepted } = invalidation;
  const merged: CatalogueSources["merged"] = new WeakMap();
  const catalogueSources: CatalogueSources = { ...common, cache: catalogues, merged, isShrinkAccepted };
  const onUnrecorded: ConfigurationSources["onUnrecorded"] = (modelCode, error) =>
    deps.log.warn({ err: error, modelCode }, NOT_RECORDED);
  const own = { cache: configurations, revisions, identified: new WeakMap(), onUnrecorded };
  const configurationSources: ConfigurationSources = { ...common, ...own };
  const refresh = createRefresh(plm, { ...deps, catalogueSources, configurationSources });

  const counted = ({ source, fallbackReason }: Provenance) =>
    observations.add("read", fallbackReason === null ? source : `${source} ${fallbackReason}`);
  const ports: ReadingPorts = {
    readCatalogue: async (request) => {
      const reading = await readCatalogue(catalogueSources, request);
      const { PLM, SHADOW } = reading.provenance;
      const provenance = modes.current().mode === "SHADOW" ? SHADOW : PLM;
      metrics.catalogueRead(provenance);
      counted(provenance);
      return reading;
    },
    readConfiguration: async (model, request) => {
      refresh.used(model.product.code);
      const configuration = await readConfiguration(configurationSources, model, request);
      counted(configuration.provenance);
      return configuration;
    },
    invalidate: async (names, { acceptShrink }) => {
      if (acceptShrink) await invalidation.acceptShrink();
      const { catalogue } = await readCatalogue(catalogueSources, { correlationId: randomUUID() });
      const expired = await invalidation.invalidate(catalogue, names);
      refresh.soon();
      return expired;
    },
    revisions,
    leftovers,
    usesWanted: refresh.usesWanted,
  };
  const cachedSince = async () => {
    const entry = await catalogues.read(CATALOGUE_KEY);
    return entry && new Date(entry.fetchedAtMs);
  };
  const warm = async () => {
    // What is read before the first hints can come is read again after them.
    await Promise.race([deps.events.attached, sleep(HINTS_PATIENCE_MS, undefined, { ref: false })]);
    await refresh.warm();
  };
  const close = async () => {
    refresh.close();
    await caches.close();
  };
  return { ports, cachedSince, cacheProblem: caches.problem, warm, close };
}

const NOT_RECORDED = "a revision of a bill of materials could not be recorded";

/** Writes down what could not be taken of the PLM; readers do not wait for that. */
function keeping(leftovers: PlmLeftovers, { clock, log }: CatalogDeps): OnLeftovers {
  return (subject, left) =>
    void leftovers
      .replace(subject, left, clock.now())
      .catch((error: unknown) =>
        log.warn({ err: error, subject }, "what could not be taken of the PLM could not be written down"),
      );
}
