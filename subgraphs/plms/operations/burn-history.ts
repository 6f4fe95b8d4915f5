import { badInput } from "../../../lib/errors.ts";
import { checkedSpan, SHORTEST_SPAN_MS, type TimeSpan } from "../../../lib/time-span.ts";
import type { Alert } from "../domain/budget-alerts.ts";
import {
  budgetSteps,
  burnPoints,
  type BudgetStep,
  type BurnPoint,
  type RunPause,
} from "../domain/burn-history.ts";
import { isActive } from "../domain/run-state.ts";
import type { Run } from "../domain/run.ts";
import type { Ports } from "../ports.ts";

/** What a run spent over time, and what happened meanwhile, oldest first. */
export interface BurnHistory extends TimeSpan {
  points: BurnPoint[];
  budgets: BudgetStep[];
  pauses: RunPause[];
  alerts: Alert[];
  /** False when older marks are left out. */
  isComplete: boolean;
}

type HistoryPorts = Pick<Ports, "burnHistory" | "alerts" | "clock">;

const MOST_POINTS = 1_000;
const MOST_MARKS = 200;

/**
 * Adds up in PostgreSQL what was charged in each step, so that what is read does not grow with the receipts.
 *
 * @returns null while the run has not started
 * @throws CodedError BAD_USER_INPUT
 */
export async function burnHistory(
  ports: HistoryPorts,
  run: Run,
  question: { from?: Date | undefined; to?: Date | undefined; points: number },
): Promise<BurnHistory | null> {
  const count = question.points;
  if (!(Number.isInteger(count) && count >= 1 && count <= MOST_POINTS))
    throw badInput("points", count, `a whole number from 1 to ${MOST_POINTS}`);
  const now = ports.clock.now();
  const whole = await wholeSpan(ports, run, now);
  if (whole === undefined) return null;
  const span = checkedSpan({ from: question.from ?? whole.from, to: question.to ?? whole.to }, now);
  const stepMs = (span.to.getTime() - span.from.getTime()) / count;
  const isOpen = span.to >= now || question.to === undefined;
  const most = MOST_MARKS + 1;
  const [charged, budgets, pauses, alerts] = await Promise.all([
    ports.burnHistory.charges(run, { from: span.from, stepMs, count, isOpen }),
    ports.burnHistory.budgets(run, span.from, most),
    ports.burnHistory.pauses(run, span, most),
    ports.alerts.within(run.projectId, span, most),
  ]);
  return {
    ...span,
    points: burnPoints(charged, { from: span.from, stepMs, count }),
    budgets: budgetSteps(newest(budgets.changes), { ...span, usdMax: budgets.usdMax }),
    pauses: newest(pauses),
    alerts: newest(alerts),
    isComplete: [budgets.changes, pauses, alerts].every(({ length }) => length <= MOST_MARKS),
  };
}

/** From the beginning of the run, or its first receipt, to its end; to now while it goes on. */
async function wholeSpan({ burnHistory }: HistoryPorts, run: Run, now: Date): Promise<TimeSpan | undefined> {
  if (run.startedAt === null) return undefined;
  const receipts = await burnHistory.span(run);
  const longAgo = new Date(now.getTime() - SHORTEST_SPAN_MS);
  const from = earliest(earliest(run.startedAt, receipts?.from), longAgo);
  const to = isActive(run.status) || !run.completedAt ? now : latest(run.completedAt, receipts?.to);
  return { from, to: latest(to, new Date(from.getTime() + SHORTEST_SPAN_MS)) };
}

const earliest = (a: Date, b: Date | undefined) => (b && b < a ? b : a);
const latest = (a: Date, b: Date | undefined) => (b && b > a ? b : a);

/** Oldest first. */
const newest = <T>(newestFirst: readonly T[]): T[] => newestFirst.slice(0, MOST_MARKS).toReversed();
