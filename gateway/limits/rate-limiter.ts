import { LRUCache } from "lru-cache";
import type { Clock } from "../../lib/clock.ts";
import type { RateSettings } from "./config.ts";
import type { SharedBuckets } from "./shared-buckets.ts";

/** Counts operations by identity. */
export interface RateLimiter {
  /** Takes one operation for `key`: 0, or the milliseconds after which there is one again. */
  take(key: string): number;
  /** Why replicas do not share the limit at the moment, although they should. */
  problem(): string | undefined;
  close(): Promise<void>;
}

export interface RateLimiterDependencies {
  clock: Clock;
  /** What all replicas have taken; without it this one counts alone. */
  shared?: SharedBuckets | undefined;
}

/** A token bucket: full at first, refilled evenly, emptied by what is taken. */
interface Bucket {
  tokens: number;
  atMs: number;
  /** Taken here and not yet told to the others. */
  spent: number;
}

/** Identities that are counted at a time, 256 characters each at most; those away for longest are forgotten, which only helps them. */
const CAPACITY = 50_000;
/** How often replicas tell each other: what they may give away too much is what they serve within this time. */
const SHARE_EVERY_MS = 50;
const TOLD_AT_ONCE = 1_000;

/**
 * A token bucket per identity. The decision is made here and now, from memory: what other replicas have taken
 * arrives behind its back, so that no request waits for a limit to be looked up.
 */
export function createRateLimiter(settings: RateSettings, deps: RateLimiterDependencies): RateLimiter {
  const { clock, shared } = deps;
  const { perSecond, burst } = settings;
  // By size, not by number: for a number the cache takes all of its room, 1.1 MB, at once.
  const buckets = new LRUCache<string, Bucket>({ maxSize: CAPACITY, sizeCalculation: () => 1 });

  const refilled = (key: string): Bucket => {
    const nowMs = clock.monotonicMs();
    const known = buckets.get(key);
    if (!known) {
      const full: Bucket = { tokens: burst, atMs: nowMs, spent: 0 };
      buckets.set(key, full);
      return full;
    }
    known.tokens = Math.min(burst, known.tokens + ((nowMs - known.atMs) * perSecond) / 1000);
    known.atMs = nowMs;
    return known;
  };
  const untold = new Map<string, Bucket>();
  const sharing = shared && setInterval(createSharing(untold, shared), SHARE_EVERY_MS).unref();

  return {
    take: (key) => {
      if (perSecond === 0) return 0;
      const bucket = refilled(key);
      if (bucket.tokens < 1) return Math.ceil(((1 - bucket.tokens) / perSecond) * 1000);
      bucket.tokens -= 1;
      bucket.spent += 1;
      if (shared && bucket.spent === 1) untold.set(key, bucket);
      return 0;
    },
    problem: () => shared?.problem(),
    close: async () => {
      clearInterval(sharing);
      await shared?.close();
    },
  };
}

/** Tells the others what was taken here, and takes over what that leaves. */
function createSharing(untold: Map<string, Bucket>, shared: SharedBuckets): () => void {
  let isUnderWay = false;
  const share = async () => {
    if (isUnderWay || untold.size === 0) return;
    isUnderWay = true;
    const told = [...untold].slice(0, TOLD_AT_ONCE);
    const spent = told.map(([key, bucket]) => [key, bucket.spent] as const);
    for (const [key, bucket] of told) {
      untold.delete(key);
      bucket.spent = 0;
    }
    const left = await shared.spend(spent);
    // What was taken meanwhile is not yet in what is left.
    told.forEach(([, bucket], index) => {
      const tokens = left?.[index];
      if (tokens !== undefined) bucket.tokens = tokens - bucket.spent;
    });
    isUnderWay = false;
  };
  return () => void share();
}
