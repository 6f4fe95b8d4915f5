import { interval, LOWER_TAIL, UPPER_TAIL, type Interval } from "./statistics/interval.ts";
import { gammaQuantile } from "./statistics/quantiles.ts";

/** What was charged in one slice of time; credits count in `usd` alone, which no rate is made of. */
export interface BurnSlice {
  /** Milliseconds of run time since then. */
  ageMs: number;
  usd: number;
  usdCharged: number;
  /** Sum of the squared charges. */
  usdSquares: number;
}

/** Mean burn over the latest minutes. */
export interface BurnWindow {
  minutes: number;
  usdPerMin: number;
  /** Where the true rate is expected; null without charges. */
  interval: Interval | null;
  /** As how many equal charges the charges of the window count. */
  effectiveEvents: number;
}

/** Short, medium and long, in minutes. */
export const WINDOW_MINUTES = [5, 15, 60] as const;

/** How coarsely charges are kept by time: a window's edge is this sharp. */
export const SLICE_MS = 15_000;

const MINUTE_MS = 60_000;

/** The slice of a moment of the run's clock. */
export const sliceOf = (atMs: number): number => Math.floor(atMs / SLICE_MS);

/**
 * The burn over a window that ends now; a run younger than the window is measured by its own age. The
 * interval takes the charges for compound Poisson, whose rate is close to a gamma.
 */
export function burnWindow(
  slices: readonly BurnSlice[],
  { minutes, elapsedMs }: { minutes: number; elapsedMs: number },
): BurnWindow {
  const within = slices.filter(({ ageMs }) => ageMs < minutes * MINUTE_MS);
  const total = (valueOf: (slice: BurnSlice) => number) =>
    within.reduce((sum, slice) => sum + valueOf(slice), 0);
  const span = Math.min(minutes, elapsedMs / MINUTE_MS);
  const charged = total(({ usdCharged }) => usdCharged);
  const squares = total(({ usdSquares }) => usdSquares);
  const usdPerMin = span > 0 ? charged / span : 0;
  const effectiveEvents = squares > 0 ? (charged * charged) / squares : 0;
  return {
    minutes,
    usdPerMin,
    effectiveEvents,
    interval: effectiveEvents > 0 ? rateInterval(usdPerMin, effectiveEvents) : null,
  };
}

const rateInterval = (rate: number, events: number): Interval =>
  interval(
    (rate * gammaQuantile(LOWER_TAIL, events)) / events,
    (rate * gammaQuantile(UPPER_TAIL, events + 1)) / events,
  );
