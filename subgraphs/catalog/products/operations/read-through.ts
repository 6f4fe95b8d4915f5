import type { Clock } from "../../../../lib/clock.ts";
import type { FallbackReason, Provenance } from "../domain/provenance.ts";
import {
  type Cache,
  type CacheEntry,
  type PackedDocument,
  PlmFailure,
  type PlmFailureReason,
  type PlmValue,
} from "./ports.ts";
import { CodedError, type ErrorCode } from "../../../../lib/errors.ts";

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
 * learns how the PLM is while there are no readers. What is known stays when the PLM fails; nothing is answered then.
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

interface PublicFailure {
  code: ErrorCode;
  message: string;
}

const BRIEFLY_AWAY = "The product catalogue is briefly unavailable; try again in a moment";
const INCOMPLETE = "The PLM's product data is incomplete right now; try again later or ask support";
const NOT_IN_CATALOGUE = "The PLM has no product data to show; choose another product or ask support";

const PUBLIC: Readonly<Record<PlmFailureReason, PublicFailure>> = {
  TIMEOUT: { code: "PLM_TIMEOUT", message: BRIEFLY_AWAY },
  UNAVAILABLE: { code: "PLM_UNAVAILABLE", message: BRIEFLY_AWAY },
  CIRCUIT_OPEN: { code: "PLM_UNAVAILABLE", message: BRIEFLY_AWAY },
  RATE_LIMITED: { code: "PLM_RATE_LIMITED", message: BRIEFLY_AWAY },
  AUTH_FAILED: {
    code: "PLM_AUTH_FAILED",
    message:
      "The sign-in to the PLM failed; ask an administrator to check PLM_CLIENT_ID and PLM_CLIENT_SECRET",
  },
  MALFORMED: { code: "PLM_MALFORMED", message: INCOMPLETE },
  SHRUNK: { code: "PLM_MALFORMED", message: INCOMPLETE },
  EMPTY: { code: "PLM_NOT_FOUND", message: NOT_IN_CATALOGUE },
  NOT_IN_PLM: { code: "PLM_NOT_FOUND", message: NOT_IN_CATALOGUE },
};

/** A failure as callers see it: one plain sentence and the place of a wrong value, never the PLM's own words. */
function toCodedError(failure: PlmFailure): CodedError {
  const { code, message: gist } = PUBLIC[failure.reason];
  const { retryAfterMs, place, why } = failure.details;
  const message = place === undefined ? gist : `${gist} (${place}: ${why})`;
  const retryable = code !== "PLM_AUTH_FAILED" && code !== "PLM_NOT_FOUND";
  return new CodedError(code, message, {
    retryable,
    cause: failure,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(place !== undefined && { field: place }),
  });
}
