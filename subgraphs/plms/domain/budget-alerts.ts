import { explain, minutesBeforeTheEnd } from "./advice.ts";
import { isExhausted } from "./runway-status.ts";
import type { Runway } from "./runway.ts";

export const ALERT_KINDS = [
  "runway_t15",
  "overrun_likely",
  "overrun_20",
  "runway_t5",
  "budget_exhausted",
  "tokens_exhausted",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/** A threshold that is crossed. There is one at most for each cause: what is worse takes the place of what is milder. */
export interface Crossing {
  cause: "budget" | "tokens";
  kind: AlertKind;
  severity: "warning" | "critical";
  message: string;
  value: number;
  threshold: number;
}

export interface Alert extends Omit<Crossing, "severity" | "cause"> {
  id: string;
  projectId: string;
  severity: "info" | "warning" | "critical";
  state: "firing" | "resolved" | "acknowledged";
  raisedAt: Date;
  resolvedAt: Date | null;
}

export interface TokenUse {
  tokensMax: number | null;
  tokensSpent: number;
}

const T15_MINUTES = 15;
const T5_MINUTES = 5;
/** Share of the budget. */
const FAR_OVER = 0.2;

/** The worst threshold of each cause that a project is over right now, in words that are true now. */
export const crossings = (runway: Runway, tokens: TokenUse): Crossing[] =>
  [exhausted(runway) ?? endangered(runway), tokensCrossed(tokens)].filter(
    (crossing) => crossing !== undefined,
  );

/** True when the budget is used up, in money or in tokens. */
export const isBreached = (found: readonly Crossing[]): boolean =>
  found.some(({ kind }) => kind === "budget_exhausted" || kind === "tokens_exhausted");

function exhausted(runway: Runway): Crossing | undefined {
  const { usdMax, usdSpent } = runway;
  if (usdMax === null || !isExhausted(usdMax, usdSpent)) return undefined;
  return {
    cause: "budget",
    kind: "budget_exhausted",
    severity: "critical",
    message: explain(runway).sentence,
    value: usdSpent,
    threshold: usdMax,
  };
}

/**
 * What the probability of an overrun makes news: a budget that runs out before the work does, or work that is expected to
 * cost more. Minutes alone are none, as every run that lands on its budget has few in the end.
 */
function endangered(runway: Runway): Crossing | undefined {
  const { usdMax, overrunProbability, foundStatus, reason } = runway;
  const isInDanger = foundStatus === "critical" || foundStatus === "warning";
  if (usdMax === null || overrunProbability === null || reason === "finished" || !isInDanger)
    return undefined;
  const known = { message: explain(runway).sentence, usdMax, overrunProbability };
  return runningOut(runway, known) ?? (foundStatus === "critical" ? overrunning(runway, known) : undefined);
}

interface Danger {
  message: string;
  usdMax: number;
  overrunProbability: number;
}

/** T-5 is for what is critical, T-15 for what may become so; in between the overrun itself is the news. */
function runningOut(runway: Runway, { message }: Danger): Crossing | undefined {
  const minutes = minutesBeforeTheEnd(runway);
  if (minutes === null) return undefined;
  const isCritical = runway.foundStatus === "critical";
  const threshold = isCritical ? T5_MINUTES : T15_MINUTES;
  if (minutes >= threshold) return undefined;
  const kind = isCritical ? "runway_t5" : "runway_t15";
  return {
    cause: "budget",
    kind,
    severity: isCritical ? "critical" : "warning",
    message,
    value: minutes,
    threshold,
  };
}

function overrunning(
  { projectedOverrunUsd, alarms }: Runway,
  { message, usdMax, overrunProbability }: Danger,
): Crossing {
  const common = { cause: "budget", severity: "critical", message } as const;
  const threshold = usdMax * FAR_OVER;
  return projectedOverrunUsd !== null && projectedOverrunUsd > threshold
    ? { ...common, kind: "overrun_20", value: projectedOverrunUsd, threshold }
    : {
        ...common,
        kind: "overrun_likely",
        value: overrunProbability,
        threshold: alarms.criticalAt,
      };
}

function tokensCrossed({ tokensMax, tokensSpent }: TokenUse): Crossing | undefined {
  if (tokensMax === null || tokensSpent < tokensMax || tokensSpent === 0) return undefined;
  const message = `${tokensSpent} of ${tokensMax} tokens are used`;
  return {
    cause: "tokens",
    kind: "tokens_exhausted",
    severity: "critical",
    message,
    value: tokensSpent,
    threshold: tokensMax,
  };
}
