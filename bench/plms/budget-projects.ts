import type { LedgerRun, ProjectLedger, RunLane } from "../../subgraphs/plms/domain/budget-ledger.ts";
import { addCharge, NO_BURN } from "../../subgraphs/plms/domain/burn.ts";
import { SLICE_MS, sliceOf } from "../../subgraphs/plms/domain/burn-window.ts";
import { DEFAULT_ALARMS } from "../../subgraphs/plms/domain/runway-status.ts";
import { createDraws, type Draws } from "../../subgraphs/plms/domain/statistics/draws.ts";
import { logVarianceOf } from "../../subgraphs/plms/domain/statistics/lognormal.ts";
import { momentsOf } from "../../subgraphs/plms/domain/statistics/moments.ts";
import { FAMILIES, type Family, type Truth } from "./budget-truths.ts";

interface SimulatedTask {
  lane: number;
  estimatedUsd: number;
}

interface Receipt {
  task: number;
  usd: number;
  /** When it is charged, on the run's clock, which stands still during pauses. */
  atMs: number;
  /** When it is told of, by the clock on the wall. */
  toldMs: number;
}

/** A stretch in which the run stands still, by the clock on the wall. */
interface Pause {
  fromMs: number;
  untilMs: number;
}

/** A run as it will have been; nobody knows it before. */
interface Course {
  tasks: readonly SimulatedTask[];
  /** In the order in which they are told of. */
  receipts: readonly Receipt[];
  pauses: readonly Pause[];
}

export interface BudgetProject {
  truth: Truth;
  usdMax: number;
  /** What it comes to in the end. */
  totalUsd: number;
  /** The ledger when a share of the tasks has been told of. */
  ledgerAt(share: number): { ledger: ProjectLedger; nowMs: number };
  /** The chance of an overrun for somebody who knows the truth, with its parameters, and not what is still to be drawn. */
  chanceKnowingTheTruth(share: number, draws: number): number;
}

const MINUTE_MS = 60_000;
/** Standard deviation of ln(budget / what a project comes to). */
const BUDGET_SD = 0.25;

/** A project whose truth nobody knows, with retries, late receipts and pauses; the kinds of truth take turns. */
export function budgetProject(seed: number, family: Family = FAMILIES.tuning): BudgetProject {
  const random = createDraws(family.seed + seed);
  const truth = family.truths[seed % family.truths.length] as Truth;
  const tasks = tasksOf(random, family);
  const costs = costsOf(random, truth, { tasks, family });
  const course = {
    tasks,
    ...courseOf(random, truth, { tasks, family, costOf: (task) => costs.drawn[task] ?? 0 }),
  };
  const totalUsd = sum(course.receipts, ({ usd }) => usd);
  const usdMax = totalUsd * Math.exp(BUDGET_SD * random.normal());
  return {
    truth,
    usdMax,
    totalUsd,
    ledgerAt: (share) => ledgerAt(course, { usdMax, family, share }),
    chanceKnowingTheTruth: (share, draws) => {
      const { seen, done } = toldAt(course, share);
      const spent = sum(seen, ({ usd }) => usd);
      const open = tasks.flatMap((_, task) => (done.has(task) ? [] : [task]));
      const again = createDraws(family.seed + seed + 500_000);
      const over = Array.from({ length: draws }, () =>
        sum(
          open,
          (task) => costs.draw(again, task) * (again.uniform() < truth.retries ? 1 + again.uniform() : 1),
        ),
      ).filter((usd) => spent + usd > usdMax);
      return over.length / draws;
    },
  };
}

function tasksOf(random: Draws, { leastTasks, mostTasks, lanes, estimatesUsd }: Family): SimulatedTask[] {
  const size = leastTasks + Math.floor(random.uniform() * (mostTasks - leastTasks));
  return Array.from({ length: size }, (_, index) => {
    const roll = random.uniform();
    return { lane: index % lanes.length, estimatedUsd: estimatesUsd[roll < 0.6 ? 0 : roll < 0.9 ? 1 : 2] };
  });
}

/** What one attempt at each task costs; `draw` draws it anew. */
function costsOf(
  random: Draws,
  truth: Truth,
  { tasks, family }: { tasks: readonly SimulatedTask[]; family: Family },
) {
  const projectBias = truth.projectBias * random.normal();
  const laneBiases = family.lanes.map(() => truth.laneBias * random.normal());
  const stepAt = (0.25 + 0.5 * random.uniform()) * tasks.length;
  const spread = logVarianceOf(truth.cv);
  const draw = (draws: Draws, index: number): number => {
    const { lane, estimatedUsd } = tasks[index] as SimulatedTask;
    const within = (truth.drift * index) / tasks.length + (index >= stepAt ? truth.step : 0);
    const bias = projectBias + (laneBiases[lane] ?? 0) + within;
    const tail = draws.uniform() < truth.tail ? truth.tailFactor : 1;
    return estimatedUsd * tail * Math.exp(bias - spread / 2 + Math.sqrt(spread) * draws.normal());
  };
  return { draw, drawn: tasks.map((_, index) => draw(random, index)) };
}

function courseOf(
  random: Draws,
  { retries }: Truth,
  {
    tasks,
    family,
    costOf,
  }: { tasks: readonly SimulatedTask[]; family: Family; costOf: (task: number) => number },
): Omit<Course, "tasks"> {
  const free = family.lanes.map(({ maxConcurrent }) => Array.from({ length: maxConcurrent }, () => 0));
  const charged = tasks.flatMap(({ lane }, task) => {
    const places = free[lane] ?? [0];
    const place = places.indexOf(Math.min(...places));
    const atMs = (places[place] ?? 0) + (1 + 4 * random.uniform()) * MINUTE_MS;
    places[place] = atMs;
    const lateMs = random.uniform() < family.late ? family.latestMinutes * MINUTE_MS * random.uniform() : 0;
    const attempt = { task, usd: costOf(task), atMs, lateMs };
    if (random.uniform() >= retries) return [attempt];
    return [
      { ...attempt, usd: attempt.usd * random.uniform() },
      { ...attempt, atMs: atMs + MINUTE_MS },
    ];
  });
  const pauses = pausesOf(random, {
    most: family.mostPauses,
    endMs: Math.max(...charged.map(({ atMs }) => atMs)),
  });
  const receipts = charged
    .map(({ lateMs, ...receipt }) => ({ ...receipt, toldMs: onTheWall(receipt.atMs, pauses) + lateMs }))
    .toSorted((a, b) => a.toldMs - b.toldMs);
  return { receipts, pauses };
}

/** Up to so many pauses of 5-90 minutes, none of which touches another. */
function pausesOf(random: Draws, { most, endMs }: { most: number; endMs: number }): Pause[] {
  const starts = Array.from(
    { length: Math.floor(random.uniform() * (most + 1)) },
    () => random.uniform() * endMs,
  );
  let pausedMs = 0;
  return starts
    .toSorted((a, b) => a - b)
    .map((startMs) => {
      const lengthMs = (5 + 85 * random.uniform()) * MINUTE_MS;
      const fromMs = startMs + pausedMs;
      pausedMs += lengthMs;
      return { fromMs, untilMs: fromMs + lengthMs };
    });
}

const onTheWall = (runMs: number, pauses: readonly Pause[]): number =>
  pauses.reduce((ms, { fromMs, untilMs }) => (ms > fromMs ? ms + untilMs - fromMs : ms), runMs);

/** The receipts that are known when a share of the tasks has been told of. */
function toldAt({ tasks, receipts }: Course, share: number): { seen: Receipt[]; done: Set<number> } {
  const seen: Receipt[] = [];
  const done = new Set<number>();
  for (const receipt of receipts) {
    if (done.size >= Math.round(tasks.length * share) && !done.has(receipt.task)) break;
    done.add(receipt.task);
    seen.push(receipt);
  }
  return { seen, done };
}

function ledgerAt(
  course: Course,
  { usdMax, family, share }: { usdMax: number; family: Family; share: number },
): { ledger: ProjectLedger; nowMs: number } {
  const { seen, done } = toldAt(course, share);
  const nowMs = seen.at(-1)?.toldMs ?? 0;
  const paused = course.pauses.find(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
  const pausedMs = sum(
    course.pauses.filter(({ untilMs }) => untilMs <= nowMs),
    ({ fromMs, untilMs }) => untilMs - fromMs,
  );
  const clockMs = (paused?.fromMs ?? nowMs) - pausedMs;
  const run: LedgerRun = {
    kind: "baseline",
    status: share >= 1 ? "completed" : paused ? "paused" : "executing",
    startedAtMs: 0,
    pausedAtMs: paused?.fromMs ?? null,
    pausedMs,
    receipts: seen.length,
    burn: seen.map(({ usd, atMs }) => ({ costUsd: usd, atMs })).reduce(addCharge, NO_BURN),
    slices: slicesOf(seen, clockMs),
    lanes: family.lanes.map(({ laneId }, lane) => laneDone(laneId, { course, lane, seen, done })),
  };
  const lanes = family.lanes.map(({ laneId, maxConcurrent }, lane) => {
    const own = course.tasks.filter((task) => task.lane === lane);
    return {
      laneId,
      maxConcurrent,
      tasks: own.length,
      estimatedUsd: sum(own, ({ estimatedUsd }) => estimatedUsd),
      estimatedUsdSquared: sum(own, ({ estimatedUsd }) => estimatedUsd ** 2),
      learntLogRatio: 0,
      orderSum: course.tasks.reduce((total, task, index) => (task.lane === lane ? total + index : total), 0),
    };
  });
  const usdSpent = sum(seen, ({ usd }) => usd);
  const known = {
    projectId: "1",
    tenant: "default",
    usdMax,
    alarms: DEFAULT_ALARMS,
    usdSpent,
    revision: 1,
    standing: null,
  };
  return { ledger: { ...known, lanes, runs: [run] }, nowMs };
}

function laneDone(
  laneId: number,
  {
    course: { tasks },
    lane,
    seen,
    done,
  }: { course: Course; lane: number; seen: readonly Receipt[]; done: ReadonlySet<number> },
): RunLane {
  const own = [...done].filter((task) => tasks[task]?.lane === lane);
  const spent = new Map<number, number>();
  for (const { task, usd } of seen) spent.set(task, (spent.get(task) ?? 0) + usd);
  const estimates = own.map((task) => tasks[task]?.estimatedUsd ?? 0);
  const costs = own.map((task) => spent.get(task) ?? 0);
  const ratios = costs.map((usd, index) => Math.log(usd / (estimates[index] ?? 1)));
  return {
    laneId,
    tasks: own.length,
    usdSpent: sum(costs, (usd) => usd),
    estimatedUsd: sum(estimates, (usd) => usd),
    estimatedUsdSquared: sum(estimates, (usd) => usd ** 2),
    ratios: momentsOf(ratios),
    ratioCubes: sum(ratios, (ratio) => ratio ** 3),
    order: {
      x: sum(own, (place) => place),
      xx: sum(own, (place) => place ** 2),
      xy: ratios.reduce((total, ratio, index) => total + ratio * (own[index] ?? 0), 0),
    },
  };
}

function slicesOf(seen: readonly Receipt[], clockMs: number) {
  const bySlice = Map.groupBy(seen, ({ atMs }) => sliceOf(atMs));
  return [...bySlice].map(([slice, receipts]) => {
    const usd = sum(receipts, (receipt) => receipt.usd);
    const usdSquares = sum(receipts, (receipt) => receipt.usd ** 2);
    return { ageMs: Math.max(0, clockMs - (slice + 0.5) * SLICE_MS), usd, usdCharged: usd, usdSquares };
  });
}

const sum = <T>(items: readonly T[], valueOf: (item: T) => number): number =>
  items.reduce((total, item) => total + valueOf(item), 0);
