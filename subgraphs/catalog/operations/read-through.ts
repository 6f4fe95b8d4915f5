import type { Clock } from "../../../lib/clock.ts";
import type { FallbackReason, Provenance } from "../domain/provenance.ts";
import { toCodedError } from "./plm-errors.ts";
import { PlmFailure, type Cache, type CacheEntry, type PlmFailureReason, type PlmValue } from "./ports.ts";

/** A value with where it came from. */
export interface Sourced<T> {
  value: T;
  provenance: Provenance;
  /** The PLM's own words, when they are kept. */
  raw?: unknown;
}

/** That the PLM does not have something, kept for a short while so that it is not asked again at once. */
export interface Miss {
  reason: PlmFailureReason;
  message: string;
}

/** One thing that the PLM may tell, and what may stand in for it. */
export interface PlmResource<T> {
  key: string;
  cache: Cache<PlmValue<T>>;
  misses: Cache<Miss>;
  /** Whether the MRP may stand in for the PLM. */
  fallbackEnabled: boolean;
  clock: Clock;
  /** @throws PlmFailure */
  ask(): Promise<PlmValue<T>>;
  readMrp(): Promise<T>;
}

/**
 * Reads from the first source that has it: fresh cache, PLM, stale cache, MRP.
 *
 * @throws CodedError PLM_… when the PLM fails and nothing may stand in for it
 */
export async function readPlmFirst<T>(resource: PlmResource<T>): Promise<Sourced<T>> {
  const { key, cache, clock } = resource;
  const known = await cache.read(key);
  if (known && clock.now().getTime() < known.freshUntilMs)
    return sourced(known, { source: "PLM_CACHE", clock });
  try {
    return sourced(await askOnce(resource), { source: "PLM", clock });
  } catch (error) {
    if (!(error instanceof PlmFailure)) throw error;
    if (known) return sourced(known, { source: "PLM_STALE", clock, fallbackReason: error.reason });
    if (!resource.fallbackEnabled) throw toCodedError(error);
    return { value: await resource.readMrp(), provenance: mrpProvenance(clock, error.reason) };
  }
}

/**
 * Asks the PLM even though the cache may be fresh: changes arrive before the time to live ends, and the circuit
 * learns how the PLM is while nobody reads. What is known stays when the PLM fails.
 */
export async function refreshFromPlm<T>(resource: PlmResource<T>): Promise<void> {
  await resource.cache
    .load(resource.key, () => resource.ask())
    .catch((error: unknown) => {
      if (!(error instanceof PlmFailure)) throw error;
    });
}

/** The provenance of what the MRP told just now. */
export const mrpProvenance = (clock: Clock, fallbackReason: FallbackReason): Provenance => ({
  source: "MRP",
  fetchedAt: clock.now(),
  ageSeconds: 0,
  stale: false,
  fallbackReason,
  plmCorrelationId: null,
  plmSchemaVersion: null,
});

async function askOnce<T>(resource: PlmResource<T>): Promise<CacheEntry<PlmValue<T>>> {
  const { key, cache, misses, clock } = resource;
  const miss = await misses.read(key);
  if (miss && clock.now().getTime() < miss.freshUntilMs) {
    throw new PlmFailure(miss.value.reason, miss.value.message, { countsForCircuit: false });
  }
  try {
    return await cache.load(key, () => resource.ask());
  } catch (error) {
    if (error instanceof PlmFailure && error.reason === "NOT_IN_PLM") {
      const { reason, message } = error;
      await misses.load(key, async () => ({ reason, message }));
    }
    throw error;
  }
}

interface How {
  source: "PLM" | "PLM_CACHE" | "PLM_STALE";
  clock: Clock;
  fallbackReason?: FallbackReason;
}

function sourced<T>(entry: CacheEntry<PlmValue<T>>, { source, clock, fallbackReason }: How): Sourced<T> {
  const { value, correlationId, schemaVersion, raw } = entry.value;
  const ageMs = Math.max(0, clock.now().getTime() - entry.fetchedAtMs);
  return {
    value,
    ...(raw !== undefined && { raw }),
    provenance: {
      source,
      fetchedAt: new Date(entry.fetchedAtMs),
      ageSeconds: ageMs / 1000,
      stale: source === "PLM_STALE",
      fallbackReason: fallbackReason ?? null,
      plmCorrelationId: correlationId,
      plmSchemaVersion: schemaVersion,
    },
  };
}
