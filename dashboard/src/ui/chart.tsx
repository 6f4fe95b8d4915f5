import { useEffect, useRef } from "react";
import UPlot from "uplot";
import { timeOfDay } from "./format.ts";

/** How a line is drawn: the one that matters, one to compare it with, what went wrong, or a limit. */
export type ChartLook = "main" | "second" | "bad" | "limit";

export interface ChartLine {
  look: ChartLook;
  /** One value a point; null where there is none, which leaves a gap. */
  values: readonly (number | null)[];
}

interface ChartProps {
  /** Seconds since 1970, oldest first. */
  times: readonly number[];
  /** Always as many, and of the same looks, as when the chart was first shown. */
  lines: readonly ChartLine[];
  format: (value: number) => string;
  /** What the chart shows, for those who do not see it. */
  label: string;
  heightPx?: number;
}

export function Chart({ times, lines, format, label, heightPx = 200 }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  const looks = lines.map(({ look }) => look).join(" ");
  useEffect(() => {
    const host = element.current;
    if (!host) return undefined;
    const plot = new UPlot(optionsFor(host, { format, heightPx, looks: looks.split(" ") }), undefined, host);
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: heightPx }));
    observer.observe(host);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => plot.redraw(false);
    scheme.addEventListener("change", redraw);
    return () => {
      scheme.removeEventListener("change", redraw);
      observer.disconnect();
      plot.destroy();
    };
  }, [format, heightPx, looks]);
  useEffect(() => {
    chart.current?.setData([[...times], ...lines.map(({ values }) => [...values])]);
  }, [times, lines, looks]);
  return (
    <div className="chart" style={{ minHeight: heightPx }} ref={element} role="img" aria-label={label} />
  );
}

interface Drawing {
  format: (value: number) => string;
  heightPx: number;
  looks: readonly string[];
}

const DAY_SECONDS = 86_400;
/** The longest label of the time axis, `23:59:59`, with room around it. */
const LABEL_PX = 74;

/** Times of day; days where the chart spans several. */
function timesFor(splits: readonly number[]): string[] {
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    if (span > 2 * DAY_SECONDS) return date.toLocaleDateString([], { day: "numeric", month: "short" });
    const time = timeOfDay(date);
    return span > 10 * 60 ? time.slice(0, 5) : time;
  });
}

const FEW = 20;

/** A line of a few points among gaps would not be seen without dots. */
function isSparse(plot: UPlot, line: number): boolean {
  const values = plot.data[line] ?? [];
  const known = values.filter((value) => value !== null).length;
  return known < FEW && known < values.length;
}

/** Colours are read when a frame is drawn, so that a change of scheme repaints. */
function optionsFor(host: HTMLElement, { format, heightPx, looks }: Drawing): UPlot.Options {
  const color = (name: string) => () => getComputedStyle(host).getPropertyValue(name);
  const axis = {
    stroke: color("--chart-text"),
    grid: { stroke: color("--chart-grid"), width: 1 },
    ticks: { show: false },
  };
  const drawn: Readonly<Record<string, UPlot.Series>> = {
    main: { stroke: color("--chart-line"), fill: color("--chart-fill"), width: 2 },
    second: { stroke: color("--chart-second"), width: 1.5 },
    bad: { stroke: color("--chart-limit"), width: 2 },
    limit: { stroke: color("--chart-limit"), width: 1.5, dash: [6, 4] },
  };
  return {
    width: host.clientWidth,
    height: heightPx,
    padding: [8, 28, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [
      { ...axis, size: 28, space: LABEL_PX, values: (_plot, splits) => timesFor(splits) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map(format) },
    ],
    series: [{}, ...looks.map((look) => ({ ...drawn[look], points: { show: isSparse, size: 4 } }))],
  };
}
