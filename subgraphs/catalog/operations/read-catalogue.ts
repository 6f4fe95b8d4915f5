import type { Clock } from "../../../lib/clock.ts";
import { catalogueOfMrp, mergeCatalogue, type Catalogue, type Origin } from "../domain/catalogue.ts";
import type { DataSource, FallbackReason, Provenance } from "../domain/provenance.ts";
import {
  PlmFailure,
  toCodedError,
  type Cache,
  type CacheEntry,
  type CachedCatalogue,
  type MrpSource,
  type PlmSource,
} from "./ports.ts";

/** Where the catalogue may come from: the MRP alone, or the PLM first. */
export type CatalogueSources =
  | { mode: "disabled"; mrp: MrpSource; clock: Clock }
  | {
      mode: "enabled";
      plm: PlmSource;
      mrp: MrpSource;
      cache: Cache<CachedCatalogue>;
      /** Whether the MRP may stand in for the PLM. */
      fallbackEnabled: boolean;
      clock: Clock;
    };

type PlmFirst = Extract<CatalogueSources, { mode: "enabled" }>;

/** The catalogue at one moment, with the provenance of the products of either origin. */
export interface CatalogueReading {
  catalogue: Catalogue;
  provenance: Readonly<Record<Origin, Provenance>>;
}

const CACHE_KEY = "catalogue";

/**
 * Reads the catalogue from the first source that has it: fresh cache, PLM, stale cache, MRP.
 *
 * @throws CodedError PLM_… when the PLM fails and nothing may stand in for it
 */
export async function readCatalogue(
  sources: CatalogueSources,
  request: { correlationId: string },
): Promise<CatalogueReading> {
  if (sources.mode === "disabled") return readMrp(sources, "DISABLED");
  const { cache, clock } = sources;
  const known = await cache.read(CACHE_KEY);
  if (known && clock.now().getTime() < known.freshUntilMs)
    return reading(known, { source: "PLM_CACHE", clock });
  try {
    const loaded = await cache.load(CACHE_KEY, () => askPlm(sources, request));
    return reading(loaded, { source: "PLM", clock });
  } catch (error) {
    if (!(error instanceof PlmFailure)) throw error;
    if (known) return reading(known, { source: "PLM_STALE", clock, fallbackReason: error.reason });
    if (sources.fallbackEnabled) return readMrp(sources, error.reason);
    throw toCodedError(error);
  }
}

/**
 * Asks the PLM even though the cache is fresh: changes arrive before the time to live ends, and the circuit
 * learns how the PLM is while nobody reads. What is known stays when the PLM fails.
 */
export async function refreshCatalogue(
  sources: CatalogueSources,
  request: { correlationId: string },
): Promise<void> {
  if (sources.mode === "disabled") return;
  await sources.cache
    .load(CACHE_KEY, () => askPlm(sources, request))
    .catch((error: unknown) => {
      if (!(error instanceof PlmFailure)) throw error;
    });
}

/** An answer without products fails, so that it never takes the place of one with products. */
async function askPlm(sources: PlmFirst, request: { correlationId: string }): Promise<CachedCatalogue> {
  const { models, correlationId, schemaVersion } = await sources.plm.readCatalogue(request);
  if (!models.some(({ isActive }) => isActive)) {
    throw new PlmFailure("EMPTY", "The PLM answered without any product", { countsForCircuit: false });
  }
  const mrpModels = await sources.mrp.readProducts();
  const catalogue = mergeCatalogue(models, mrpModels, { withMrpOnly: sources.fallbackEnabled });
  return { catalogue, correlationId, schemaVersion };
}

async function readMrp(
  { mrp, clock }: { mrp: MrpSource; clock: Clock },
  fallbackReason: FallbackReason,
): Promise<CatalogueReading> {
  const catalogue = catalogueOfMrp(await mrp.readProducts());
  const provenance: Provenance = {
    source: "MRP",
    fetchedAt: clock.now(),
    ageSeconds: 0,
    stale: false,
    fallbackReason,
    plmCorrelationId: null,
    plmSchemaVersion: null,
  };
  return { catalogue, provenance: { PLM: provenance, MRP: provenance } };
}

interface How {
  source: DataSource;
  clock: Clock;
  fallbackReason?: FallbackReason;
}

function reading(entry: CacheEntry<CachedCatalogue>, how: How): CatalogueReading {
  const { catalogue, correlationId, schemaVersion } = entry.value;
  const ageMs = Math.max(0, how.clock.now().getTime() - entry.fetchedAtMs);
  const ofBoth = {
    fetchedAt: new Date(entry.fetchedAtMs),
    ageSeconds: ageMs / 1000,
    stale: how.source === "PLM_STALE",
    plmCorrelationId: correlationId,
    plmSchemaVersion: schemaVersion,
  };
  return {
    catalogue,
    provenance: {
      PLM: { ...ofBoth, source: how.source, fallbackReason: how.fallbackReason ?? null },
      MRP: { ...ofBoth, source: "MRP", fallbackReason: "NOT_IN_PLM" },
    },
  };
}
