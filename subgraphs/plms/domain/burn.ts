/**
 * Spend as an exponentially weighted sum: each cost halves in weight every half-life. The two numbers are
 * the whole state, so a receipt is added without looking at the ones before it.
 */
export interface Burn {
  /** Weighted sum of the costs, in USD, as of `atMs`. */
  usd: number;
  /** When the newest charge was made; null before the first. */
  atMs: number | null;
}

const HALF_LIFE_MINUTES = 15;

export const NO_BURN: Burn = { usd: 0, atMs: null };

const MINUTE_MS = 60_000;
const TAU_MINUTES = HALF_LIFE_MINUTES / Math.LN2;

/** In which a charge loses all but 1/e of its weight. */
export const BURN_TAU_MS = TAU_MINUTES * MINUTE_MS;

const weightAfter = (elapsedMs: number): number => Math.exp(-elapsedMs / MINUTE_MS / TAU_MINUTES);

/**
 * Adds a charge, of which a credit is none: money that comes back does not slow what is burning. One that arrives late has already lost the weight of its age, so the order of arrival
 * makes no difference.
 */
export function addCharge(burn: Burn, { costUsd, atMs }: { costUsd: number; atMs: number }): Burn {
  const charge = { costUsd: Math.max(0, costUsd), atMs };
  if (burn.atMs === null) return { usd: charge.costUsd, atMs: charge.atMs };
  const ageMs = charge.atMs - burn.atMs;
  return ageMs >= 0
    ? { usd: burn.usd * weightAfter(ageMs) + charge.costUsd, atMs: charge.atMs }
    : { usd: burn.usd + charge.costUsd * weightAfter(-ageMs), atMs: burn.atMs };
}

/**
 * USD per minute at `asOfMs`, never negative. Divides by the weight that could have built up since the run
 * started, so that a young run is not taken for a cheap one; 0 in the very moment of the start.
 */
export function burnPerMinute(burn: Burn, span: { startedAtMs: number; asOfMs: number }): number {
  const elapsedMs = span.asOfMs - span.startedAtMs;
  if (burn.atMs === null || elapsedMs <= 0) return 0;
  const weighted = burn.usd * weightAfter(Math.max(0, span.asOfMs - burn.atMs));
  return Math.max(0, weighted / (TAU_MINUTES * (1 - weightAfter(elapsedMs))));
}
