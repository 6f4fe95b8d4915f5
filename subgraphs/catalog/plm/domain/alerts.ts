import { type AlertThresholds, DEFAULT_THRESHOLDS } from "./alert-thresholds.ts";
import type { PlmMode } from "../../products/domain/modes.ts";
import { type OrderAttempts, type PlmStatistics, refusalFactor } from "./health.ts";
import { shareBounds } from "./measures.ts";

type AlertKind =
  | "PLM_AVAILABILITY"
  | "PLM_LATENCY_P95"
  | "SHADOW_DIFF_RATE"
  | "CIRCUIT_OPEN"
  | "AUTH_FAILURES"
  | "RB_ERROR_RATE"
  | "RB_LATENCY"
  | "RB_INTEGRITY"
  | "RB_USER_ERRORS"
  | "PLM_BAD_RECORDS";

export type AlertSeverity = "INFO" | "WARNING" | "CRITICAL";

/** Everything that an alert may judge by. */
export interface Signals {
  mode: PlmMode;
  /** While the PLM has said that it may be away. */
  isMaintenance: boolean;
  last5Minutes: PlmStatistics;
  last10Minutes: PlmStatistics;
  /** Since the mode was changed if that is later: what an earlier mode did is no reason to leave this one. */
  last15Minutes: PlmStatistics;
  /** How much of those 15 minutes was observed, by the first call in them. */
  observedMinutes: number;
  /** Minutes since the PLM last answered, or since the mode was changed; 0 unless calls have failed since. */
  silentMinutes: number;
  /** Calls that failed since the PLM last answered. */
  failuresSinceSuccess: number;
  /** Records of the PLM that took themselves away. */
  rejectedRecords: number;
  /** Of the 24 hours before those 15 minutes: what is usual. */
  usualOrders: OrderAttempts;
  /** Minutes that the circuit has been anything but closed. */
  circuitOpenMinutes: number;
  /** Critical differences seen twice or more, that are not marked as expected. */
  confirmedCritical: number;
}

/** An alert as a rule: when it begins, and when it is over. */
interface AlertRule {
  kind: AlertKind;
  severity: AlertSeverity;
  /** What `valueOf` is compared with to fire. */
  threshold: number;
  /** In modes other than these the rule is silent. */
  modes: readonly PlmMode[];
  /** Whether maintenance excuses it. */
  isExcused: boolean;
  /** What a fired rule asks for: a step back. */
  asksForRollback: boolean;
  /** The value that fires, or undefined while there is too little to judge by. */
  valueOf(signals: Signals): number | undefined;
  fires(value: number): boolean;
  /** True when an alert that fires is over. */
  isOver(signals: Signals): boolean;
  message(value: number, signals: Signals): string;
}

const MANY_CALLS = 100;
const MANY_LATENCIES = 50;
const SOME_LATENCIES = 10;
/** Fewer failures are no evidence, whatever share they are. */
const SOME_FAILURES = 3;

/** True when more than this share of the calls surely fails, however few they are. */
const surelyFails = ({ failures, calls }: PlmStatistics, share: number): boolean =>
  failures >= SOME_FAILURES && shareBounds(failures, calls).low > share;

/** P95 of many calls, or of some of which every other one exceeds the limit. */
const latencyOf = ({ calls, p50Ms, p95Ms }: PlmStatistics, limitMs: number): number | undefined =>
  calls >= MANY_LATENCIES || (calls >= SOME_LATENCIES && (p50Ms ?? 0) > limitMs)
    ? (p95Ms ?? undefined)
    : undefined;

const isSilent = ({ silentMinutes, failuresSinceSuccess }: Signals, minutes: number): boolean =>
  failuresSinceSuccess >= SOME_FAILURES && silentMinutes >= minutes;

const ASKED: readonly PlmMode[] = ["SHADOW", "ENABLED"];
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const availability = ({ errorRate }: PlmStatistics) => (errorRate === null ? null : 1 - errorRate);

const refusals = ({ last15Minutes, usualOrders }: Signals): number =>
  refusalFactor(last15Minutes.orders, usualOrders);

function userErrors(signals: Signals): string {
  const { issues, orders } = signals.last15Minutes;
  const trouble =
    issues >= 3
      ? `${issues} reports of trouble with product data`
      : `${orders.refused} of ${orders.wanted} work orders refused, ${Number(refusals(signals).toPrecision(2))} times as many as usual,`;
  return `${trouble} within 15 minutes; consider rollbackPlm`;
}

const plmAvailability = (limits: AlertThresholds): AlertRule => ({
  kind: "PLM_AVAILABILITY",
  severity: "WARNING",
  threshold: limits.availability,
  modes: ASKED,
  isExcused: true,
  asksForRollback: false,
  valueOf: (signals) => {
    const { last5Minutes } = signals;
    if (isSilent(signals, limits.silenceMinutes)) return 0;
    const isJudged = last5Minutes.calls >= MANY_CALLS || surelyFails(last5Minutes, 1 - limits.availability);
    return isJudged ? (availability(last5Minutes) ?? undefined) : undefined;
  },
  fires: (value) => value < limits.availability,
  isOver: (signals) =>
    !isSilent(signals, limits.silenceMinutes) &&
    (availability(signals.last10Minutes) ?? 1) > (1 + limits.availability) / 2,
  message: (value, signals) =>
    isSilent(signals, limits.silenceMinutes)
      ? `The PLM has not answered for ${Math.floor(signals.silentMinutes)} minutes; ${signals.failuresSinceSuccess} calls failed`
      : `The PLM answered ${percent(value)} of the calls of the last 5 minutes`,
});

const plmLatencyP95 = (limits: AlertThresholds): AlertRule => ({
  kind: "PLM_LATENCY_P95",
  severity: "WARNING",
  threshold: limits.latencyP95Ms,
  modes: ASKED,
  isExcused: true,
  asksForRollback: false,
  valueOf: ({ last5Minutes }) => latencyOf(last5Minutes, limits.latencyP95Ms),
  fires: (value) => value > limits.latencyP95Ms,
  isOver: ({ last5Minutes }) => (last5Minutes.p95Ms ?? 0) < 0.9 * limits.latencyP95Ms,
  message: (value) => `One in twenty calls to the PLM takes longer than ${Math.round(value)} ms`,
});

const shadowDiffRate = (limits: AlertThresholds): AlertRule => ({
  kind: "SHADOW_DIFF_RATE",
  severity: "WARNING",
  threshold: limits.diffRate,
  modes: ASKED,
  isExcused: false,
  asksForRollback: false,
  valueOf: ({ last15Minutes: { comparisons, diffRate, diffRateBounds } }) =>
    comparisons >= 200 || diffRateBounds.low > limits.diffRate ? (diffRate ?? undefined) : undefined,
  fires: (value) => value > limits.diffRate,
  isOver: ({ last15Minutes }) => (last15Minutes.diffRate ?? 0) < 0.8 * limits.diffRate,
  message: (value) => `${percent(value)} of the comparisons of PLM and MRP differ`,
});

const circuitOpen = (limits: AlertThresholds): AlertRule => ({
  kind: "CIRCUIT_OPEN",
  severity: "CRITICAL",
  threshold: limits.circuitOpenMinutes,
  modes: ASKED,
  isExcused: true,
  asksForRollback: false,
  valueOf: ({ circuitOpenMinutes }) => circuitOpenMinutes,
  fires: (value) => value > limits.circuitOpenMinutes,
  isOver: ({ circuitOpenMinutes }) => circuitOpenMinutes === 0,
  message: (value) => `The circuit before the PLM has been open for ${Math.floor(value)} minutes`,
});

const authFailures = (limits: AlertThresholds): AlertRule => ({
  kind: "AUTH_FAILURES",
  severity: "CRITICAL",
  threshold: limits.authFailures,
  modes: ASKED,
  isExcused: true,
  asksForRollback: false,
  valueOf: ({ last5Minutes }) => last5Minutes.authFailures,
  fires: (value) => value >= limits.authFailures,
  isOver: ({ last5Minutes }) => last5Minutes.authFailures === 0,
  message: (value) => `The PLM refused our credentials ${value} times in 5 minutes`,
});

const plmBadRecords: AlertRule = {
  kind: "PLM_BAD_RECORDS",
  severity: "WARNING",
  threshold: 0,
  modes: ASKED,
  isExcused: false,
  asksForRollback: false,
  valueOf: ({ rejectedRecords }) => rejectedRecords,
  fires: (value) => value > 0,
  isOver: ({ rejectedRecords }) => rejectedRecords === 0,
  message: (value) =>
    `${value === 1 ? "A record" : `${value} records`} of the PLM cannot be taken; "Not taken from the PLM" on the health page says which and why`,
};

const rbErrorRate = (limits: AlertThresholds): AlertRule => ({
  kind: "RB_ERROR_RATE",
  severity: "CRITICAL",
  threshold: limits.rollbackErrorRate,
  modes: ["ENABLED"],
  isExcused: true,
  asksForRollback: true,
  valueOf: (signals) => {
    const { last15Minutes, observedMinutes } = signals;
    if (isSilent(signals, limits.rollbackMinutes)) return 1;
    const isLong = observedMinutes >= limits.rollbackMinutes - 1;
    const isJudged =
      last15Minutes.calls >= MANY_CALLS || (isLong && surelyFails(last15Minutes, limits.rollbackErrorRate));
    return isJudged ? (last15Minutes.errorRate ?? undefined) : undefined;
  },
  fires: (value) => value > limits.rollbackErrorRate,
  isOver: (signals) =>
    !isSilent(signals, limits.rollbackMinutes) &&
    (signals.last15Minutes.errorRate ?? 0) < limits.rollbackErrorRate / 2,
  message: (value, signals) =>
    isSilent(signals, limits.rollbackMinutes)
      ? `The PLM has not answered for ${Math.floor(signals.silentMinutes)} minutes`
      : `${percent(value)} of the calls to the PLM failed within ${limits.rollbackMinutes} minutes`,
});

const rbLatency = (limits: AlertThresholds): AlertRule => ({
  kind: "RB_LATENCY",
  severity: "CRITICAL",
  threshold: limits.rollbackLatencyP95Ms,
  modes: ["ENABLED"],
  isExcused: true,
  asksForRollback: true,
  valueOf: ({ last5Minutes }) => latencyOf(last5Minutes, limits.rollbackLatencyP95Ms),
  fires: (value) => value > limits.rollbackLatencyP95Ms,
  isOver: ({ last5Minutes }) => (last5Minutes.p95Ms ?? 0) < 0.9 * limits.rollbackLatencyP95Ms,
  message: (value) => `One in twenty calls to the PLM takes longer than ${Math.round(value)} ms`,
});

const rbIntegrity: AlertRule = {
  kind: "RB_INTEGRITY",
  severity: "CRITICAL",
  threshold: 0,
  modes: ["ENABLED"],
  isExcused: false,
  asksForRollback: true,
  valueOf: ({ confirmedCritical }) => confirmedCritical,
  fires: (value) => value > 0,
  isOver: ({ confirmedCritical }) => confirmedCritical === 0,
  message: (value) => `${value} critical differences between PLM and MRP were seen more than once`,
};

const rbUserErrors: AlertRule = {
  kind: "RB_USER_ERRORS",
  severity: "CRITICAL",
  threshold: 3,
  modes: ["ENABLED"],
  isExcused: false,
  asksForRollback: false,
  valueOf: (signals) => Math.max(signals.last15Minutes.issues, refusals(signals)),
  fires: (value) => value >= 3,
  isOver: (signals) => signals.last15Minutes.issues === 0 && refusals(signals) < 2,
  message: (_value, signals) => userErrors(signals),
};

/** The rules of the catalogue's side; docs/decisions/0023-alerts.md says why they are what they are. */
const alertRules = (limits: AlertThresholds): readonly AlertRule[] => [
  plmAvailability(limits),
  plmLatencyP95(limits),
  shadowDiffRate(limits),
  circuitOpen(limits),
  authFailures(limits),
  plmBadRecords,
  rbErrorRate(limits),
  rbLatency(limits),
  rbIntegrity,
  rbUserErrors,
];

/** What has to happen to an alert now. */
export type AlertStep =
  | { do: "RAISE"; rule: AlertRule; value: number; message: string }
  | { do: "RESOLVE"; rule: AlertRule };

/** Which alerts begin and which are over; those that go on as they are, are not mentioned. */
export const alertSteps = (
  signals: Signals,
  firing: ReadonlySet<string>,
  thresholds: AlertThresholds = DEFAULT_THRESHOLDS,
): AlertStep[] =>
  alertRules(thresholds).flatMap((rule): AlertStep[] => {
    const isHeard = rule.modes.includes(signals.mode);
    if (firing.has(rule.kind)) {
      return !isHeard || rule.isOver(signals) ? [{ do: "RESOLVE", rule }] : [];
    }
    if (!isHeard || (rule.isExcused && signals.isMaintenance)) return [];
    const value = rule.valueOf(signals);
    if (value === undefined || !rule.fires(value)) return [];
    return [{ do: "RAISE", rule, value, message: rule.message(value, signals) }];
  });
