import type { Clock } from "../../../lib/clock.ts";
import type { FallbackReason, Provenance } from "../domain/provenance.ts";
import { toCodedError } from "./plm-errors.ts";
import {
  PlmFailure,
  type Cache,
  type CacheEntry,
  type PackedDocument,
  type PlmFailureReason,
  type PlmValue,
} from "./ports.ts";

/** A value with where it came from. */
export interface Sourced<T> {
  value: T;
  provenance: Provenance;
  /** The PLM's own words, when they are kept. */
  raw?: PackedDocument;
  /** Number of the revision that holds it; undefined when it could not be written down. */
  revision?: number;
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
  /** What the MRP has of it; undefined when it has nothing that could stand in. */
  readMrp(): Promise<T | undefined>;
}

/**
 * Reads from the first source that has it: fresh cache, PLM, stale cache, MRP. An empty list stands in for nothing.
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
    const value = resource.fallbackEnabled ? await resource.readMrp() : undefined;
    if (value === undefined) throw toCodedError(error);
    return { value, provenance: mrpProvenance(clock, error.reason) };
  }
}

/**
 * Asks the PLM even though the cache may be fresh: changes arrive before the time to live ends, and the circuit
 * learns how the PLM is while nobody reads. What is known stays when the PLM fails; nothing is answered then.
 */
export async function refreshFromPlm<T>(resource: PlmResource<T>): Promise<Sourced<T> | undefined> {
  try {
    const entry = await resource.cache.load(resource.key, () => resource.ask());
    return sourced(entry, { source: "PLM", clock: resource.clock });
  } catch (error) {
    if (!(error instanceof PlmFailure)) throw error;
    return undefined;
  }
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
