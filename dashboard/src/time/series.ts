/** How a line is drawn: the one that matters, one to compare it with, what went wrong, a limit, or what is expected. */
export type LineLook = "main" | "second" | "bad" | "limit" | "expected";

interface ChartLine {
  look: LineLook;
  /** With its unit where the values do not say it. */
  name: string;
  /** One value a point; null where there is none, which leaves a gap. */
  values: readonly (number | null)[];
}

/** Between which values something is expected to lie, at each point. */
interface ChartBand {
  name: string;
  low: readonly (number | null)[];
  high: readonly (number | null)[];
}

/** Something that happened: at a moment, or from one to another. In seconds since 1970. */
export interface ChartMark {
  kind: "pause" | "budget" | "alert" | "outage" | "change";
  from: number;
  /** Left out for a moment. */
  to?: number;
  text: string;
}

/** What a chart shows, all of it by the same moments. */
export interface Chart {
  /** Seconds since 1970, oldest first. */
  times: readonly number[];
  lines: readonly ChartLine[];
  band?: ChartBand;
  marks?: readonly ChartMark[];
  /** The stretch of time that the chart is as wide as, in seconds since 1970. */
  span: readonly [from: number, to: number];
}

export const MARK_NAMES: Readonly<Record<ChartMark["kind"], string>> = {
  pause: "Paused",
  budget: "Budget changed",
  alert: "Alert",
  outage: "Circuit open",
  change: "Change",
};

/** Seconds since 1970. */
export const secondsOf = (at: string): number => new Date(at).getTime() / 1000;
