import type { LedgerRun, ProjectLedger, RunLane } from "../../subgraphs/plms/domain/budget-ledger.ts";
import { addCharge, NO_BURN } from "../../subgraphs/plms/domain/burn.ts";
import { SLICE_MS, sliceOf } from "../../subgraphs/plms/domain/burn-window.ts";
import { createDraws, type Draws } from "../../subgraphs/plms/domain/statistics/draws.ts";
import { logVarianceOf } from "../../subgraphs/plms/domain/statistics/lognormal.ts";
import { momentsOf } from "../../subgraphs/plms/domain/statistics/moments.ts";

/** How the true costs of a project come about; nobody who estimates knows of it. */
export interface Truth {
  name: string;
  /** Coefficient of variation of single tasks. */
  cv: number;
  /** Standard deviation of what all tasks of a project share, and of what those of a lane share: ln(actual / estimate). */
  projectBias: number;
  laneBias: number;
  /** Change of ln(actual / estimate) from the first task to the last. */
  drift: number;
  /** Share of tasks that are `tailFactor` times dearer. */
  tail: number;
  /** Share of the tasks that fail once and are charged again. */
  retries: number;
}

const plain: Omit<Truth, "name"> = {
  cv: 0.4,
  projectBias: 0.15,
  laneBias: 0.15,
  drift: 0,
  tail: 0,
  retries: 0.05,
};
const TAIL_FACTOR = 8;

export const TRUTHS: readonly Truth[] = [
  { name: "close to the estimates", ...plain, cv: 0.25, projectBias: 0.08, laneBias: 0.08 },
  { name: "ordinary", ...plain },
  { name: "noisy tasks", ...plain, cv: 0.8 },
  { name: "project off as a whole", ...plain, projectBias: 0.4 },
  { name: "lanes off on their own", ...plain, laneBias: 0.45 },
  { name: "many retries", ...plain, retries: 0.25 },
  { name: "costs rise by 60 %", ...plain, cv: 0.3, drift: Math.log(1.6) },
  { name: "costs fall by a third", ...plain, cv: 0.3, drift: -Math.log(1.5) },
  { name: "5 % eight times dearer", ...plain, cv: 0.3, tail: 0.05 },
];

const LANES = [
  { laneId: 4200, maxConcurrent: 4 },
  { laneId: 4203, maxConcurrent: 3 },
  { laneId: 5100, maxConcurrent: 2 },
];
const MINUTE_MS = 60_000;
const ESTIMATES_USD = [0.09, 0.216, 0.612];

interface Receipt {
  task: number;
  usd: number;
  /** When it is charged, and when it is told of; both on the run's clock. */
  atMs: number;
  toldMs: number;
}

export interface BudgetProject {
  truth: Truth;
  usdMax: number;
  /** What it comes to in the end. */
  totalUsd: number;
  /** The ledger when a share of the tasks has been told of. */
  ledgerAt(share: number): { ledger: ProjectLedger; nowMs: number };
}

/** A project whose truth nobody knows: 40-160 tasks in three lanes, retries, late receipts, a pause now and then. */
export function budgetProject(seed: number): BudgetProject {
  const random = createDraws(seed + 1);
  const truth = TRUTHS[seed % TRUTHS.length] ?? { name: "", ...plain };
  const tasks = Array.from({ length: 40 + Math.floor(random.uniform() * 120) }, (_, index) => ({
    lane: index % LANES.length,
    estimatedUsd: ESTIMATES_USD[random.uniform() < 0.6 ? 0 : random.uniform() < 0.75 ? 1 : 2] ?? 0.09,
  }));
  const receipts = receiptsOf(random, truth, tasks);
  const totalUsd = receipts.reduce((sum, { usd }) => sum + usd, 0);
  const usdMax = totalUsd * Math.exp(0.25 * random.normal());
  const told = receipts.toSorted((a, b) => a.toldMs - b.toldMs);
  return { truth, usdMax, totalUsd, ledgerAt: (share) => ledgerAt({ tasks, told, usdMax }, share) };
}

function receiptsOf(
  random: Draws,
  truth: Truth,
  tasks: readonly { lane: number; estimatedUsd: number }[],
): Receipt[] {
  const projectBias = truth.projectBias * random.normal();
  const laneBiases = LANES.map(() => truth.laneBias * random.normal());
  const free = LANES.map(({ maxConcurrent }) => Array.from({ length: maxConcurrent }, () => 0));
  const spread = logVarianceOf(truth.cv);
  return tasks.flatMap(({ lane, estimatedUsd }, task) => {
    const places = free[lane] ?? [0];
    const place = places.indexOf(Math.min(...places));
    const endMs = (places[place] ?? 0) + (1 + 4 * random.uniform()) * MINUTE_MS;
    places[place] = endMs;
    const bias = projectBias + (laneBiases[lane] ?? 0) + (truth.drift * task) / tasks.length;
    const tail = random.uniform() < truth.tail ? TAIL_FACTOR : 1;
    const usd = estimatedUsd * tail * Math.exp(bias - spread / 2 + Math.sqrt(spread) * random.normal());
    const late = random.uniform() < 0.1 ? 20 * MINUTE_MS * random.uniform() : 0;
    const first = { task, usd, atMs: endMs, toldMs: endMs + late };
    if (random.uniform() >= truth.retries) return [first];
    return [
      { ...first, usd: usd * random.uniform() },
      { ...first, atMs: endMs + MINUTE_MS, toldMs: endMs + MINUTE_MS + late },
    ];
  });
}

function ledgerAt(
  {
    tasks,
    told,
    usdMax,
  }: { tasks: readonly { lane: number; estimatedUsd: number }[]; told: readonly Receipt[]; usdMax: number },
  share: number,
): { ledger: ProjectLedger; nowMs: number } {
  const seen: Receipt[] = [];
  const first = new Set<number>();
  for (const receipt of told) {
    if (first.size >= Math.round(tasks.length * share) && !first.has(receipt.task)) break;
    first.add(receipt.task);
    seen.push(receipt);
  }
  const nowMs = seen.at(-1)?.toldMs ?? 0;
  const usdSpent = seen.reduce((sum, { usd }) => sum + usd, 0);
  const run: LedgerRun = {
    kind: "baseline",
    status: share >= 1 ? "completed" : "executing",
    startedAtMs: 0,
    pausedAtMs: null,
    pausedMs: 0,
    receipts: seen.length,
    burn: seen.map(({ usd, atMs }) => ({ costUsd: usd, atMs })).reduce(addCharge, NO_BURN),
    slices: slicesOf(seen, nowMs),
    lanes: LANES.map(({ laneId }, lane) => laneDone(laneId, { tasks, lane, seen, order: [...first] })),
  };
  const lanes = LANES.map(({ laneId, maxConcurrent }, lane) => {
    const own = tasks.filter((task) => task.lane === lane);
    return {
      laneId,
      maxConcurrent,
      tasks: own.length,
      estimatedUsd: own.reduce((sum, { estimatedUsd }) => sum + estimatedUsd, 0),
      estimatedUsdSquared: own.reduce((sum, { estimatedUsd }) => sum + estimatedUsd ** 2, 0),
      learntLogRatio: 0,
      orderSum: tasks.reduce((sum, task, index) => (task.lane === lane ? sum + index : sum), 0),
    };
  });
  const ledger = {
    projectId: "1",
    tenant: "default",
    usdMax,
    usdSpent,
    revision: 1,
    standing: null,
    lanes,
    runs: [run],
  };
  return { ledger, nowMs };
}

function laneDone(
  laneId: number,
  {
    tasks,
    lane,
    seen,
    order,
  }: {
    tasks: readonly { lane: number; estimatedUsd: number }[];
    lane: number;
    seen: readonly Receipt[];
    order: readonly number[];
  },
): RunLane {
  const done = order.filter((task) => tasks[task]?.lane === lane);
  const estimates = done.map((task) => tasks[task]?.estimatedUsd ?? 0);
  const costs = done.map((task) =>
    seen.filter((receipt) => receipt.task === task).reduce((sum, { usd }) => sum + usd, 0),
  );
  const ratios = costs.map((usd, index) => Math.log(usd / (estimates[index] ?? 1)));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    laneId,
    tasks: done.length,
    usdSpent: sum(costs),
    estimatedUsd: sum(estimates),
    estimatedUsdSquared: sum(estimates.map((usd) => usd ** 2)),
    ratios: momentsOf(ratios),
    ratioCubes: sum(ratios.map((ratio) => ratio ** 3)),
    order: {
      x: sum(done),
      xx: sum(done.map((place) => place ** 2)),
      xy: sum(ratios.map((ratio, index) => ratio * (done[index] ?? 0))),
    },
  };
}

function slicesOf(seen: readonly Receipt[], nowMs: number) {
  const bySlice = Map.groupBy(seen, ({ atMs }) => sliceOf(atMs));
  return [...bySlice].map(([slice, receipts]) => {
    const usd = receipts.reduce((sum, receipt) => sum + receipt.usd, 0);
    const usdSquares = receipts.reduce((sum, receipt) => sum + receipt.usd ** 2, 0);
    return { ageMs: Math.max(0, nowMs - (slice + 0.5) * SLICE_MS), usd, usdCharged: usd, usdSquares };
  });
}
