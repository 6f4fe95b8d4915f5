import type { Clock } from "../../../../lib/clock.ts";
import { badInput } from "../../../../lib/errors.ts";
import { checkedSpan, type TimeSpan } from "../../../../lib/time-span.ts";
import type { PlmMode } from "../../products/domain/modes.ts";
import { type HealthStatus, type PlmStatistics, healthStatus, statisticsOf } from "../domain/health.ts";
import { PLM_CIRCUIT, readCircuit } from "./circuits.ts";
import { type Asker, requireText } from "./modes.ts";
import type { CircuitSnapshot, Circuits, PlmModes, Leftover } from "../../products/operations/ports.ts";
import type { Observations, PlmAlerts, PlmIssues, ShadowDiffs } from "../ports.ts";
import type { ObservedStep, PlmAlert } from "./ports.ts";
import type { PlmLeftovers } from "../../products/ports.ts";
import { plmStatistics } from "./watch.ts";

export interface HealthPorts {
  modes: PlmModes;
  circuits: Circuits;
  observations: Observations;
  diffs: ShadowDiffs;
  alerts: PlmAlerts;
  leftovers: PlmLeftovers;
  /** When the catalogue in the cache left the PLM; undefined without one. */
  cachedSince(): Promise<Date | undefined>;
  /** Why replicas do not share what they keep, though they should; null while they do. */
  cacheProblem(): Promise<string | null>;
  clock: Clock;
}

/** How the PLM is, and how it was in the last minutes. */
export interface PlmHealthView extends PlmStatistics {
  asOf: Date;
  windowMinutes: number;
  status: HealthStatus;
  mode: PlmMode;
  circuitBreaker: CircuitSnapshot;
  /** Age of the catalogue in the cache; null without one. */
  stalenessSeconds: number | null;
  cacheProblem: string | null;
  openAlerts: PlmAlert[];
  /** Records of the PLM that were taken away. */
  rejectedRecords: number;
  /** Different fields of the PLM that we do not read. */
  unknownFields: number;
}

const DEFAULT_MINUTES = 5;
const LONGEST_MINUTES = 1_440;

/** @throws CodedError BAD_USER_INPUT for a window outside 1-1440 minutes */
export async function readPlmHealth(ports: HealthPorts, minutes = DEFAULT_MINUTES): Promise<PlmHealthView> {
  if (minutes < 1 || minutes > LONGEST_MINUTES)
    throw badInput("windowMinutes", minutes, `an integer from 1 to ${LONGEST_MINUTES}`);
  const { mode } = ports.modes.current();
  const circuitBreaker = readCircuit(ports.circuits, PLM_CIRCUIT);
  const statistics = await plmStatistics(ports, minutes);
  const cachedSince = await ports.cachedSince();
  const asOf = ports.clock.now();
  return {
    ...statistics,
    asOf,
    windowMinutes: minutes,
    status: healthStatus(mode, circuitBreaker.state, statistics),
    mode,
    circuitBreaker,
    stalenessSeconds: cachedSince ? Math.max(0, asOf.getTime() - cachedSince.getTime()) / 1000 : null,
    cacheProblem: await ports.cacheProblem(),
    openAlerts: await ports.alerts.open(),
    ...(await leftoverCounts(ports)),
  };
}

async function leftoverCounts({ leftovers }: HealthPorts) {
  const { rejected, unknownFields } = await leftovers.counts();
  return { rejectedRecords: rejected, unknownFields };
}

const LEFTOVERS_MAX = 500;

/** What the latest answers of the PLM had that we could not use. @throws CodedError BAD_USER_INPUT for a bad number */
export async function listLeftovers(leftovers: PlmLeftovers, first: number): Promise<readonly Leftover[]> {
  if (first < 1 || first > LEFTOVERS_MAX)
    throw badInput("first", first, `an integer from 1 to ${LEFTOVERS_MAX}`);
  return leftovers.list(first);
}

/**
 * Writes down what a person reports about product data; several reports in a short time are an alert.
 *
 * @throws CodedError BAD_USER_INPUT for an empty or endless message
 */
export async function reportPlmIssue(
  issues: PlmIssues,
  input: { workOrderId?: string | null | undefined; message: string },
  actor: Asker,
): Promise<true> {
  await issues.report({
    workOrderId: input.workOrderId ?? null,
    message: requireText("message", input.message),
    reportedBy: actor.subject,
    correlationId: actor.correlationId,
  });
  return true;
}

/** How the PLM did in one step of the history. */
export interface PlmHistoryPoint extends PlmStatistics {
  from: Date;
  /** The end of the step, or now in the last one. */
  to: Date;
}

/** So many hours, or from a moment on; up to another, or to now. */
export type AskedHistory = ({ hours: number } | { from: Date }) & { to?: Date | undefined };

const LONGEST_HOURS = 336;
/** As many points at most as a chart shows well; an hour then has one a minute. */
const STEPS = 60;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const METRICS = ["call", "latency", "read", "comparison", "issue"] as const;

/**
 * A span of time in at most sixty steps of equal length, whole minutes each, oldest first; the last one may still be going
 * on.
 *
 * @throws CodedError BAD_USER_INPUT for a span outside 1-336 hours, or one that is none or from before that
 */
export async function readPlmHistory(
  { observations, clock }: { observations: Observations; clock: Clock },
  asked: AskedHistory,
): Promise<PlmHistoryPoint[]> {
  const now = clock.now();
  const { from, to } = spanOf(asked, now);
  const end = minuteOf(to) + MINUTE_MS;
  const stepMinutes = Math.max(1, Math.ceil((end - minuteOf(from)) / MINUTE_MS / STEPS));
  const stepMs = stepMinutes * MINUTE_MS;
  const steps = Math.ceil((end - minuteOf(from)) / stepMs);
  const since = end - steps * stepMs;
  const span = { since: new Date(since), until: new Date(end), stepMinutes };
  const byStep = Map.groupBy(await observations.series(METRICS, span), ({ step }: ObservedStep) => step);
  return Array.from({ length: steps }, (_, step) => {
    const begin = since + step * stepMs;
    return {
      from: new Date(begin),
      to: new Date(Math.min(to.getTime(), begin + stepMs)),
      ...statisticsOf(byStep.get(step) ?? []),
    };
  });
}

const minuteOf = (moment: Date) => Math.floor(moment.getTime() / MINUTE_MS) * MINUTE_MS;

function spanOf(asked: AskedHistory, now: Date): TimeSpan {
  const to = asked.to ?? now;
  if ("from" in asked) {
    // A minute more, for those whose clock is behind.
    const oldest = new Date(now.getTime() - LONGEST_HOURS * HOUR_MS - MINUTE_MS);
    if (asked.from < oldest)
      throw badInput("from", asked.from.toISOString(), `the last ${LONGEST_HOURS} hours`);
    return checkedSpan({ from: asked.from, to }, now);
  }
  const { hours } = asked;
  if (hours < 1 || hours > LONGEST_HOURS)
    throw badInput("hours", hours, `an integer from 1 to ${LONGEST_HOURS}`);
  const end = checkedSpan({ from: new Date(0), to }, now).to;
  return { from: new Date(end.getTime() - hours * HOUR_MS + MINUTE_MS), to: end };
}
