import type {
  LedgerLane,
  LedgerRun,
  ProjectLedger,
  RunLane,
} from "../../../subgraphs/plms/domain/budget-ledger.ts";
import type { BurnSlice } from "../../../subgraphs/plms/domain/burn-window.ts";
import type { Belief } from "../../../subgraphs/plms/domain/calibration.ts";
import { DEFAULT_ALARMS } from "../../../subgraphs/plms/domain/runway-status.ts";
import { runwayOf } from "../../../subgraphs/plms/domain/runway.ts";
import { momentsOf } from "../../../subgraphs/plms/domain/statistics/moments.ts";

export const MINUTE_MS = 60_000;
export const NOW_MS = 600 * MINUTE_MS;
/** Weighted sum that stands for one USD per minute long after the start. */
const ONE_USD_PER_MINUTE = 15 / Math.LN2;

/** Tasks that cost what finished ones make of their estimates, without any spread. */
export const CERTAIN: Belief = { mu: 0, kappa: 1e-9, a: 1, b: 0 };

export const charges = (count: number, ageMs = 0): BurnSlice[] =>
  Array.from({ length: count }, () => ({ ageMs, usd: 1, usdCharged: 1, usdSquares: 1 }));

export const run = (changes: Partial<LedgerRun> = {}): LedgerRun => ({
  kind: "baseline",
  status: "executing",
  startedAtMs: -1e9 * MINUTE_MS,
  pausedAtMs: null,
  pausedMs: 0,
  receipts: 10,
  burn: { usd: ONE_USD_PER_MINUTE, atMs: NOW_MS },
  slices: charges(10),
  lanes: [],
  ...changes,
});

/** One task of so many USD that the executor may not run, unless told otherwise. */
export const lane = (estimatedUsd: number, changes: Partial<LedgerLane> = {}): LedgerLane => ({
  laneId: 4200,
  maxConcurrent: 0,
  tasks: 1,
  estimatedUsd,
  estimatedUsdSquared: estimatedUsd ** 2,
  learntLogRatio: 0,
  orderSum: 0,
  ...changes,
});

/** Work worth so many USD by estimate, all of it off by the same factor. */
export const done = (estimatedUsd: number, ratio = 1): RunLane => ({
  laneId: 4200,
  tasks: 1,
  usdSpent: estimatedUsd * ratio,
  estimatedUsd,
  estimatedUsdSquared: estimatedUsd ** 2,
  ratios: momentsOf([Math.log(ratio)]),
  ratioCubes: Math.log(ratio) ** 3,
  order: { x: 0, xx: 0, xy: 0 },
});

export const ledger = (changes: Partial<ProjectLedger> = {}): ProjectLedger => ({
  projectId: "1",
  tenant: "default",
  usdMax: 100,
  alarms: DEFAULT_ALARMS,
  usdSpent: 0,
  revision: 1,
  standing: null,
  lanes: [],
  runs: [run()],
  ...changes,
});

export const runway = (changes: Partial<ProjectLedger> = {}, beliefOf = () => CERTAIN) =>
  runwayOf(ledger(changes), { nowMs: NOW_MS, beliefOf });
