import { isExhausted } from "./runway-status.ts";
import type { Runway } from "./runway.ts";

export const ADVICE_CAUSES = ["used_up", "ended_over", "money_ends_first", "overrun_likely"] as const;
type AdviceCause = (typeof ADVICE_CAUSES)[number];

export const REMEDIES = ["raise_budget", "pause", "cancel"] as const;
type Remedy = (typeof REMEDIES)[number];

/** Why a budget is in danger, and what to do. */
export interface Advice {
  cause: AdviceCause;
  /** One sentence for people. It tells no moment that passes: what it says is true for as long as the figures are. */
  sentence: string;
  /** When the budget is used up at the present burn; null when that is not to be expected. */
  moneyEndsAt: Date | null;
  /** When the open work is done at the pace so far; null before anything is done, while paused and after the end. */
  workEndsAt: Date | null;
  /** By how much the budget has to be raised for it to be in order; null when it is too late for that. */
  raiseByUsd: number | null;
  remedies: readonly Remedy[];
}

const MINUTE_MS = 60_000;

/** Null while the budget is in order, and when nothing is known of it. */
export const adviceOf = (runway: Runway): Advice | null =>
  runway.status === "critical" || runway.status === "warning" ? explain(runway) : null;

/** The advice on a runway, whatever its status. */
export function explain(runway: Runway): Advice {
  const { reason, usdMax, usdSpent, minutesToCompletion, minutesToDepletion, asOf } = runway;
  const after = (minutes: number | null) =>
    minutes === null ? null : new Date(asOf.getTime() + minutes * MINUTE_MS);
  const cause = causeOf(runway);
  const remedies = remediesOf(reason, cause);
  const raiseByUsd = cause === "ended_over" ? null : runway.raiseByUsd;
  return {
    cause,
    sentence: sentenceOf(runway, {
      cause,
      remedies,
      budgetUsd: usdMax ?? 0,
      overUsd: usdSpent - (usdMax ?? 0),
    }),
    moneyEndsAt: after(minutesToDepletion),
    workEndsAt: after(minutesToCompletion),
    raiseByUsd,
    remedies,
  };
}

function causeOf(runway: Runway): AdviceCause {
  const { reason, usdMax, usdSpent } = runway;
  if (reason === "finished") return "ended_over";
  if (usdMax !== null && isExhausted(usdMax, usdSpent)) return "used_up";
  return minutesBeforeTheEnd(runway) === null ? "overrun_likely" : "money_ends_first";
}

/** Minutes to depletion where the money ends before the work does; null where the work does first, or it is not known. */
export function minutesBeforeTheEnd({
  minutesToDepletion,
  minutesToCompletion,
}: Pick<Runway, "minutesToDepletion" | "minutesToCompletion">): number | null {
  if (minutesToDepletion === null) return null;
  return minutesToCompletion === null || minutesToDepletion < minutesToCompletion ? minutesToDepletion : null;
}

/** What is refused is not advised: a run that has not started cannot be paused, and one that is over not be cancelled. */
function remediesOf(reason: Runway["reason"], cause: AdviceCause): Remedy[] {
  if (cause === "ended_over") return [];
  if (reason === "not_started") return ["raise_budget"];
  return reason === "paused" || cause === "used_up" ? ["raise_budget", "cancel"] : ["raise_budget", "pause"];
}

interface Told {
  cause: AdviceCause;
  remedies: readonly Remedy[];
  budgetUsd: number;
  overUsd: number;
}

function sentenceOf(runway: Runway, { cause, remedies, budgetUsd, overUsd }: Told): string {
  if (cause === "ended_over")
    return overUsd > 0
      ? `The work has ended ${usd(overUsd)} over its budget of ${usd(budgetUsd)}.`
      : `The work has ended within its budget of ${usd(budgetUsd)}.`;
  const what = remedies.map((remedy) => WORDS[remedy](runway.raiseByUsd ?? 0)).join(" or ");
  return `${why(runway, cause, budgetUsd)}: ${what}.`;
}

const WORDS: Readonly<Record<Remedy, (raiseByUsd: number) => string>> = {
  raise_budget: (raiseByUsd) => `raise the budget by ${usd(raiseByUsd)}`,
  pause: () => "pause the run",
  cancel: () => "cancel the run",
};

function why(runway: Runway, cause: AdviceCause, budgetUsd: number): string {
  if (cause === "used_up")
    return `${usd(runway.usdSpent)} of its budget of ${usd(budgetUsd)} are spent and the work is not done`;
  const chance = `It is ${percent(runway.overrunProbability ?? 0)} likely to go over its budget of ${usd(budgetUsd)}`;
  if (cause === "overrun_likely")
    return `${chance}, as it is expected to cost ${usd(runway.projectedCostUsd)}`;
  if (runway.minutesToDepletion === 0) return `${chance}, as the tasks under way use up what is left`;
  const { minutesToCompletion, minutesToDepletion } = runway;
  return minutesToCompletion === null || minutesToDepletion === null
    ? `${chance}, as the money does not last at the present burn`
    : `${chance}, as the money ends ${duration(minutesToCompletion - minutesToDepletion)} before the work`;
}

/** Draws of chance make nothing certain. */
const percent = (probability: number): string =>
  probability > 0.99 ? "more than 99 %" : `${Math.round(probability * 100)} %`;

const usd = (amount: number): string => `${amount.toFixed(2)} USD`;

function duration(minutes: number): string {
  if (minutes < 1) return "less than a minute";
  if (minutes < 90) return `${Math.round(minutes)} min`;
  return minutes < 48 * 60 ? `${(minutes / 60).toFixed(1)} h` : `${Math.round(minutes / 1440)} days`;
}
