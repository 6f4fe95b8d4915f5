import type { PlmMode } from "./modes.ts";
import { refusalFactor, type OrderAttempts, type PlmStatistics } from "./plm-health.ts";

type AlertKind =
  | "PLM_AVAILABILITY"
  | "PLM_LATENCY_P95"
  | "SHADOW_DIFF_RATE"
  | "CIRCUIT_OPEN"
  | "AUTH_FAILURES"
  | "RB_ERROR_RATE"
  | "RB_LATENCY"
  | "RB_INTEGRITY"
  | "RB_USER_ERRORS";

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
  /** Of the 24 hours before those 15 minutes: what is usual. */
  usualOrders: OrderAttempts;
  /** Minutes that the circuit has been anything but closed. */
  circuitOpenMinutes: number;
  /** Critical differences seen twice or more, that nobody expects. */
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

const ASKED: readonly PlmMode[] = ["SHADOW", "ENABLED"];
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
const least = (count: number, needed: number, value: number | null): number | undefined =>
  count >= needed && value !== null ? value : undefined;
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

/** The rules of the catalogue's side; each number is in docs/decisions/0023-alerts.md. */
const ALERT_RULES: readonly AlertRule[] = [
  {
    kind: "PLM_AVAILABILITY",
    severity: "WARNING",
    threshold: 0.99,
    modes: ASKED,
    isExcused: true,
    asksForRollback: false,
    valueOf: ({ last5Minutes }) => least(last5Minutes.calls, 100, availability(last5Minutes)),
    fires: (value) => value < 0.99,
    isOver: ({ last10Minutes }) => (availability(last10Minutes) ?? 1) > 0.995,
    message: (value) => `The PLM answered ${percent(value)} of the calls of the last 5 minutes`,
  },
  {
    kind: "PLM_LATENCY_P95",
    severity: "WARNING",
    threshold: 500,
    modes: ASKED,
    isExcused: true,
    asksForRollback: false,
    valueOf: ({ last5Minutes }) => least(last5Minutes.calls, 50, last5Minutes.p95Ms),
    fires: (value) => value > 500,
    isOver: ({ last5Minutes }) => (last5Minutes.p95Ms ?? 0) < 450,
    message: (value) => `One in twenty calls to the PLM takes longer than ${Math.round(value)} ms`,
  },
  {
    kind: "SHADOW_DIFF_RATE",
    severity: "WARNING",
    threshold: 0.05,
    modes: ASKED,
    isExcused: false,
    asksForRollback: false,
    valueOf: ({ last15Minutes: { comparisons, diffRate, diffRateBounds } }) =>
      comparisons >= 200 || diffRateBounds.low > 0.05 ? (diffRate ?? undefined) : undefined,
    fires: (value) => value > 0.05,
    isOver: ({ last15Minutes }) => (last15Minutes.diffRate ?? 0) < 0.04,
    message: (value) => `${percent(value)} of the comparisons of PLM and MRP differ`,
  },
  {
    kind: "CIRCUIT_OPEN",
    severity: "CRITICAL",
    threshold: 5,
    modes: ASKED,
    isExcused: true,
    asksForRollback: false,
    valueOf: ({ circuitOpenMinutes }) => circuitOpenMinutes,
    fires: (value) => value > 5,
    isOver: ({ circuitOpenMinutes }) => circuitOpenMinutes === 0,
    message: (value) => `The circuit before the PLM has been open for ${Math.floor(value)} minutes`,
  },
  {
    kind: "AUTH_FAILURES",
    severity: "CRITICAL",
    threshold: 3,
    modes: ASKED,
    isExcused: true,
    asksForRollback: false,
    valueOf: ({ last5Minutes }) => last5Minutes.authFailures,
    fires: (value) => value >= 3,
    isOver: ({ last5Minutes }) => last5Minutes.authFailures === 0,
    message: (value) => `The PLM refused our credentials ${value} times in 5 minutes`,
  },
  {
    kind: "RB_ERROR_RATE",
    severity: "CRITICAL",
    threshold: 0.1,
    modes: ["ENABLED"],
    isExcused: true,
    asksForRollback: true,
    valueOf: ({ last15Minutes }) => least(last15Minutes.calls, 100, last15Minutes.errorRate),
    fires: (value) => value > 0.1,
    isOver: ({ last15Minutes }) => (last15Minutes.errorRate ?? 0) < 0.05,
    message: (value) => `${percent(value)} of the calls to the PLM failed within 15 minutes`,
  },
  {
    kind: "RB_LATENCY",
    severity: "CRITICAL",
    threshold: 2_000,
    modes: ["ENABLED"],
    isExcused: true,
    asksForRollback: true,
    valueOf: ({ last5Minutes }) => least(last5Minutes.calls, 50, last5Minutes.p95Ms),
    fires: (value) => value > 2_000,
    isOver: ({ last5Minutes }) => (last5Minutes.p95Ms ?? 0) < 1_800,
    message: (value) => `One in twenty calls to the PLM takes longer than ${Math.round(value)} ms`,
  },
  {
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
  },
  {
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
  },
];

/** What has to happen to an alert now. */
export type AlertStep =
  | { do: "RAISE"; rule: AlertRule; value: number; message: string }
  | { do: "RESOLVE"; rule: AlertRule };

/** Which alerts begin and which are over; those that go on as they are, are not mentioned. */
export const alertSteps = (signals: Signals, firing: ReadonlySet<string>): AlertStep[] =>
  ALERT_RULES.flatMap((rule): AlertStep[] => {
    const isHeard = rule.modes.includes(signals.mode);
    if (firing.has(rule.kind)) {
      return !isHeard || rule.isOver(signals) ? [{ do: "RESOLVE", rule }] : [];
    }
    if (!isHeard || (rule.isExcused && signals.isMaintenance)) return [];
    const value = rule.valueOf(signals);
    if (value === undefined || !rule.fires(value)) return [];
    return [{ do: "RAISE", rule, value, message: rule.message(value, signals) }];
  });
