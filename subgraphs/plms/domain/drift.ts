import { DEFAULT_ALPHA } from "./calibration.ts";
import { logVarianceOf } from "./statistics/lognormal.ts";
import { momentsOf, varianceOf } from "./statistics/moments.ts";
import { leastSquaresSlope, mannKendallP, theilSenSlope } from "./statistics/trend.ts";

/** A finished run as one lane saw it. */
export interface DriftRun {
  runId: string;
  projectId: string;
  completedAt: Date;
  /** ln(actual / estimated tokens) of the lane. */
  logRatio: number;
}

/** One point of the EWMA chart; `z` and the limits are logarithms of actual / estimate. */
export interface DriftPoint extends DriftRun {
  /** |actual / estimate - 1|, a fraction. */
  maePct: number;
  z: number;
  lower: number;
  upper: number;
}

export interface Drift {
  points: readonly DriftPoint[];
  /** By the slope of the errors: under -0.01 per run improving, over 0.01 degrading. */
  trend: "improving" | "stable" | "degrading";
  slope: number;
  /** By Theil-Sen and Mann-Kendall (p < 0.1, five runs or more). */
  robustTrend: "improving" | "stable" | "worsening" | "insufficient_data";
  /** True while the newest point is outside its limits. */
  isDrifting: boolean;
}

const TREND_SLOPE = 0.01;
const TREND_POINTS = 3;
const ROBUST_POINTS = 5;
const ROBUST_P = 0.1;
const LIMIT_SIGMAS = 3;

/** Whether estimates of a lane get better or worse, oldest run first (EWMA chart: NIST e-Handbook 6.3.2.4). */
export function driftOf(runs: readonly DriftRun[], lambda = DEFAULT_ALPHA): Drift {
  const sigma = Math.sqrt(
    runs.length > 1 ? varianceOf(momentsOf(runs.map(({ logRatio }) => logRatio))) : logVarianceOf(0.3),
  );
  let z = 0;
  const points = runs.map((run, index) => {
    z = lambda * run.logRatio + (1 - lambda) * z;
    const limit = sigma * limitMultiple(index + 1, lambda);
    return { ...run, z, lower: -limit, upper: limit, maePct: Math.abs(Math.expm1(run.logRatio)) };
  });
  const errors = points.map(({ maePct }) => maePct);
  const newest = points.at(-1);
  return {
    points,
    ...trendOf(errors),
    robustTrend: robustTrend(errors),
    isDrifting: newest !== undefined && Math.abs(newest.z) > newest.upper,
  };
}

/** How many sigmas the limits are away after t runs. */
export const limitMultiple = (t: number, lambda = DEFAULT_ALPHA): number =>
  LIMIT_SIGMAS * Math.sqrt((lambda / (2 - lambda)) * (1 - (1 - lambda) ** (2 * t)));

/** The trend of errors, oldest first. */
export function trendOf(errors: readonly number[]): Pick<Drift, "trend" | "slope"> {
  const slope = leastSquaresSlope(errors);
  if (errors.length < TREND_POINTS || Math.abs(slope) <= TREND_SLOPE) return { trend: "stable", slope };
  return { trend: slope < 0 ? "improving" : "degrading", slope };
}

function robustTrend(errors: readonly number[]): Drift["robustTrend"] {
  if (errors.length < ROBUST_POINTS) return "insufficient_data";
  if (mannKendallP(errors) >= ROBUST_P) return "stable";
  return theilSenSlope(errors) < 0 ? "improving" : "worsening";
}
