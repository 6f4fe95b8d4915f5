import type { Draws } from "./statistics/draws.ts";

/**
 * How the finished tasks of a lane came out against what was believed of it before: a regression of
 * ln(actual / estimate) on the place in the order of execution, the first task at 0 and the last at 1.
 */
export interface LaneCourse {
  tasks: number;
  /** Means over the finished tasks; the first is of ln(actual / estimate) beyond what was believed. */
  distance: number;
  place: number;
  /** Sum of squared distances from the mean place, and of their products with those of ln(actual / estimate). */
  placeScatter: number;
  coScatter: number;
  /** Variance of a single task, and of the lane's mean before any was seen. */
  taskVariance: number;
  laneVariance: number;
}

/** What all open tasks have in common, drawn or on average. */
interface Shared {
  /** How far the project is off as a whole, as standard deviations. */
  offset: number;
  /** Change of ln(actual / estimate) from the first task to the last. */
  slope: number;
}

/** What is known of that. */
export interface SharedBelief {
  /** That there is a trend at all, 0-1. */
  trendProbability: number;
  mean: Shared;
  variance: { offset: number; slope: number; covariance: number };
  draw(random: Draws): Shared;
}

/** A run has a trend that often before anything is seen, and its slope then has this standard deviation. */
const TREND_SHARE = 0.5;
const USUAL_SLOPE = 0.45;
/** Share of what lanes are off by that all of them have in common. */
const COMMON_SHARE = 0.25;

/**
 * A hierarchical normal regression (Lindley & Smith 1972) with the lanes' own means integrated out, which leaves two
 * unknowns: how far the project is off, and the slope. The slope is 0 or normal ("spike and slab", Mitchell &
 * Beauchamp 1988), and how probable each is follows from the ratio of the densities at 0 (Savage-Dickey: Dickey 1971), so
 * that a trend counts as much as the tasks speak for it: no test decides.
 */
export function sharedBelief(lanes: readonly LaneCourse[]): SharedBelief {
  // Precision of (offset, slope), and precision times mean.
  let [pOffset, pBoth, pSlope, hOffset, hSlope] = [1, 0, 1 / USUAL_SLOPE ** 2, 0, 0];
  for (const lane of lanes.filter(({ tasks }) => tasks > 0)) {
    const weight = 1 / (ownVariance(lane) + lane.taskVariance / lane.tasks);
    const load = loadOf(lane);
    pOffset += weight * load ** 2;
    pBoth += weight * load * lane.place;
    pSlope += weight * lane.place ** 2 + lane.placeScatter / lane.taskVariance;
    hOffset += weight * load * lane.distance;
    hSlope += weight * lane.place * lane.distance + lane.coScatter / lane.taskVariance;
  }
  const determinant = pOffset * pSlope - pBoth ** 2;
  const variance = { offset: pSlope / determinant, slope: pOffset / determinant };
  const covariance = -pBoth / determinant;
  const slope = variance.slope * hSlope + covariance * hOffset;
  const odds =
    (TREND_SHARE / (1 - TREND_SHARE)) *
    (Math.sqrt(variance.slope) / USUAL_SLOPE) *
    Math.exp(Math.min(MOST_EVIDENCE, slope ** 2 / variance.slope / 2));
  const trendProbability = odds / (1 + odds);
  const offsetAt = (givenSlope: number) => (hOffset - pBoth * givenSlope) / pOffset;
  const meanSlope = trendProbability * slope;
  const slopeVariance = trendProbability * (variance.slope + slope ** 2) - meanSlope ** 2;
  return {
    trendProbability,
    mean: { slope: meanSlope, offset: offsetAt(meanSlope) },
    variance: {
      slope: slopeVariance,
      offset: 1 / pOffset + (pBoth / pOffset) ** 2 * slopeVariance,
      covariance: (-pBoth / pOffset) * slopeVariance,
    },
    draw: (random) => {
      const isTrend = random.uniform() < trendProbability;
      const drawn = isTrend ? slope + Math.sqrt(variance.slope) * random.normal() : 0;
      return { slope: drawn, offset: offsetAt(drawn) + random.normal() / Math.sqrt(pOffset) };
    },
  };
}

/** Beyond this the exponential overflows, and there is no doubt any more. */
const MOST_EVIDENCE = 500;

/** The mean of ln(actual / estimate) of a lane's open tasks beyond what was believed of it. */
export interface LaneMean {
  at(shared: Shared): number;
  /** Whatever is shared. */
  ownVariance: number;
  mean: number;
  variance: number;
}

/** @param openPlace where the open tasks are in the order of execution on average, 0-1 */
export function laneMean(lane: LaneCourse, openPlace: number, { mean, variance }: SharedBelief): LaneMean {
  const own = ownVariance(lane);
  const trust = lane.tasks === 0 ? 0 : own / (own + lane.taskVariance / lane.tasks);
  const load = loadOf(lane);
  const at = ({ offset, slope }: Shared) =>
    load * offset + slope * openPlace + trust * (lane.distance - load * offset - slope * lane.place);
  const [byOffset, bySlope] = [load * (1 - trust), openPlace - trust * lane.place];
  return {
    at,
    ownVariance: own * (1 - trust),
    mean: at(mean),
    variance:
      own * (1 - trust) +
      byOffset ** 2 * variance.offset +
      bySlope ** 2 * variance.slope +
      2 * byOffset * bySlope * variance.covariance,
  };
}

const ownVariance = ({ laneVariance }: LaneCourse): number => (1 - COMMON_SHARE) * laneVariance;
const loadOf = ({ laneVariance }: LaneCourse): number => Math.sqrt(COMMON_SHARE * laneVariance);
