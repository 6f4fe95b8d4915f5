import { CRITICAL_OVERRUN, isExhausted } from "./runway-status.ts";
import type { Runway } from "./runway.ts";

type AlertKind = "runway_t15" | "runway_t5" | "overrun_20" | "budget_exhausted" | "tokens_exhausted";

/** A threshold that is crossed. */
export interface Crossing {
  kind: AlertKind;
  severity: "warning" | "critical";
  message: string;
  value: number;
  threshold: number;
}

export interface Alert extends Omit<Crossing, "severity"> {
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

/** The thresholds that a project is over right now. */
export function crossings(runway: Runway, tokens: TokenUse): Crossing[] {
  return [...minutesCrossed(runway), ...overrunCrossed(runway), ...budgetCrossed(runway, tokens)];
}

/** True when the budget is used up, in money or in tokens. */
export const isBreached = (found: readonly Crossing[]): boolean =>
  found.some(({ kind }) => kind === "budget_exhausted" || kind === "tokens_exhausted");

function minutesCrossed({ minutesToDepletion: minutes, reason }: Runway): Crossing[] {
  if (minutes === null || reason === "over_budget") return [];
  const crossed = (kind: AlertKind, severity: Crossing["severity"], threshold: number): Crossing[] => {
    if (minutes >= threshold) return [];
    const message = `The budget lasts ${minutes.toFixed(1)} more minutes at the current burn`;
    return [{ kind, severity, message, value: minutes, threshold }];
  };
  return [...crossed("runway_t15", "warning", T15_MINUTES), ...crossed("runway_t5", "critical", T5_MINUTES)];
}

function overrunCrossed({ usdMax, projectedOverrunUsd, projectedCostUsd }: Runway): Crossing[] {
  const threshold = (usdMax ?? 0) * CRITICAL_OVERRUN;
  if (usdMax === null || projectedOverrunUsd === null || projectedOverrunUsd <= threshold) return [];
  const message = `The project is expected to cost ${usd(projectedCostUsd)}, more than 20 % over its budget of ${usd(usdMax)}`;
  return [{ kind: "overrun_20", severity: "critical", message, value: projectedOverrunUsd, threshold }];
}

function budgetCrossed({ usdMax, usdSpent }: Runway, { tokensMax, tokensSpent }: TokenUse): Crossing[] {
  const found: Crossing[] = [];
  if (usdMax !== null && isExhausted(usdMax, usdSpent)) {
    const message = `${usd(usdSpent)} of ${usd(usdMax)} are spent`;
    found.push({
      kind: "budget_exhausted",
      severity: "critical",
      message,
      value: usdSpent,
      threshold: usdMax,
    });
  }
  if (tokensMax !== null && tokensSpent >= tokensMax && tokensSpent > 0) {
    const message = `${tokensSpent} of ${tokensMax} tokens are used`;
    found.push({
      kind: "tokens_exhausted",
      severity: "critical",
      message,
      value: tokensSpent,
      threshold: tokensMax,
    });
  }
  return found;
}

const usd = (amount: number): string => `${amount.toFixed(2)} USD`;
