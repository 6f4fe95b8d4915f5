import type { BudgetRunwaySubscription, BurnHistoryQuery } from "../../../schema/generated/documents.ts";
import { limitUsd, usd } from "../ui/format.ts";
import { secondsOf, type Chart, type ChartMark } from "../time/series.ts";

export type Runway = BudgetRunwaySubscription["budgetRunway"];
type Project = NonNullable<BurnHistoryQuery["project"]>;
export type BurnHistory = NonNullable<Project["runs"]["edges"][number]["node"]["burnHistory"]>;

/** A total that the subscription told: seconds since 1970, and US dollars. */
export type LivePoint = readonly [at: number, usdSpent: number];

interface Seen {
  history: BurnHistory;
  /** What came after the history, oldest first. */
  live: readonly LivePoint[];
  runway: Runway | undefined;
  /** In seconds since 1970; null for as far as it makes sense. */
  until: number | null;
}

/** How far ahead of what has passed a chart looks at most. */
const AHEAD = 1;

/** Spent so far by aggregated history, then by what the subscription told, then by what is projected. */
export function burnChart({ history, live, runway, until }: Seen): Chart {
  const past: LivePoint[] = history.points.map(({ at, usdSpent }) => [secondsOf(at), usdSpent]);
  const begin = secondsOf(history.from);
  const end = secondsOf(history.to);
  const known = [...past, ...live.filter(([at]) => at > end && (until === null || at <= until))];
  const now = known.at(-1) ?? [end, 0];
  const ahead = aheadOf(now, { runway, until: until ?? now[0] + AHEAD * (now[0] - begin) });
  const times = [...known.map(([at]) => at), ...(ahead ? [ahead.at] : [])];
  const atEnd = <T>(first: T, last: T | null) => [
    ...known.map((_, index) => (index === known.length - 1 ? first : null)),
    ...(ahead ? [last] : []),
  ];
  return {
    times,
    span: [begin, Math.max(times.at(-1) ?? end, until === null ? end : Math.min(until, end))],
    lines: [
      {
        name: "Spent",
        look: "main",
        values: [...known.map(([, usdSpent]) => usdSpent), ...(ahead ? [null] : [])],
      },
      { name: "Budget", look: "limit", values: times.map((at) => budgetAt(history, at, runway)) },
      ...(ahead ? [{ name: "Projected", look: "expected" as const, values: atEnd(now[1], ahead.usd) }] : []),
    ],
    ...(ahead && {
      band: { name: "90 % certain", low: atEnd(now[1], ahead.low), high: atEnd(now[1], ahead.high) },
    }),
    marks: marksOf(history, now[0]),
  };
}

interface Ahead {
  at: number;
  usd: number;
  low: number;
  high: number;
}

/** Where the projection stands at the end of the chart; nothing when the work is not under way. */
function aheadOf(
  [at, usdSpent]: LivePoint,
  { runway, until }: { runway: Runway | undefined; until: number },
): Ahead | undefined {
  if (!runway || runway.minutesToCompletion === null || runway.projectedCostUsd === null) return undefined;
  const seconds = runway.minutesToCompletion * 60;
  const shown = Math.min(seconds, until - at);
  if (shown < 1) return undefined;
  const share = shown / seconds;
  const towards = (usdAtEnd: number) => usdSpent + Math.max(0, usdAtEnd - usdSpent) * share;
  const { low, high } = runway.projectedCostInterval;
  return { at: at + shown, usd: towards(runway.projectedCostUsd), low: towards(low), high: towards(high) };
}

/** The limit that stood; what the subscription says of now is newer than the history. */
function budgetAt({ budgets, to }: BurnHistory, at: number, runway: Runway | undefined): number | null {
  if (runway && at > secondsOf(to)) return runway.budget.usdMax;
  return budgets.findLast((step) => secondsOf(step.at) <= at)?.usdMax ?? budgets[0]?.usdMax ?? null;
}

const marksOf = ({ budgets, pauses, alerts }: BurnHistory, now: number): ChartMark[] => [
  ...pauses.map(({ from, to, reason }) => ({
    kind: "pause" as const,
    from: secondsOf(from),
    to: to === null ? now : secondsOf(to),
    text: reason ?? "by a person",
  })),
  ...budgets.slice(1).map(({ at, usdMax }, index) => ({
    kind: "budget" as const,
    from: secondsOf(at),
    text: `from ${limitUsd(budgets[index]?.usdMax ?? null)} to ${limitUsd(usdMax)}`,
  })),
  ...alerts.map(({ raisedAt, resolvedAt, message }) => ({
    kind: "alert" as const,
    from: secondsOf(raisedAt),
    to: resolvedAt === null ? now : secondsOf(resolvedAt),
    text: message,
  })),
];

/** What the chart says, for those who do not see it. */
export function burnLabel({ lines, times }: Chart): string {
  const spent = lines[0]?.values.findLast((value) => value !== null) ?? 0;
  return `Spent over time, ${times.length} points, ${usd(spent)} at the end`;
}
