import { useEffect, useRef } from "react";
import UPlot from "uplot";

interface ChartProps {
  /** [seconds since 1970, value], oldest first. */
  points: readonly (readonly [number, number])[];
  /** A line across the chart; null for none. */
  limit: number | null;
  format: (value: number) => string;
  /** What the chart shows, for those who do not see it. */
  label: string;
}

const HEIGHT = 200;

export function Chart({ points, limit, format, label }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot>(undefined);
  useEffect(() => {
    const host = element.current;
    if (!host) return undefined;
    const plot = new UPlot(optionsFor(host, format), [[], [], []], host);
    chart.current = plot;
    const observer = new ResizeObserver(() => plot.setSize({ width: host.clientWidth, height: HEIGHT }));
    observer.observe(host);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    const redraw = () => plot.redraw(false);
    scheme.addEventListener("change", redraw);
    return () => {
      scheme.removeEventListener("change", redraw);
      observer.disconnect();
      plot.destroy();
    };
  }, [format]);
  useEffect(() => {
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    chart.current?.setData([xs, ys, xs.map(() => limit)]);
  }, [points, limit]);
  return <div className="chart" ref={element} role="img" aria-label={label} />;
}

const clockTime = (seconds: number) =>
  new Date(seconds * 1000).toLocaleTimeString([], {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });

/** Colours are read when a frame is drawn, so that a change of scheme repaints. */
function optionsFor(host: HTMLElement, format: (value: number) => string): UPlot.Options {
  const color = (name: string) => () => getComputedStyle(host).getPropertyValue(name);
  const axis = {
    stroke: color("--chart-text"),
    grid: { stroke: color("--chart-grid"), width: 1 },
    ticks: { show: false },
  };
  return {
    width: host.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] } },
    axes: [
      { ...axis, values: (_plot, splits) => splits.map(clockTime) },
      { ...axis, size: 70, values: (_plot, splits) => splits.map(format) },
    ],
    series: [
      {},
      { stroke: color("--chart-line"), fill: color("--chart-fill"), width: 2, points: { show: false } },
      { stroke: color("--chart-limit"), width: 1.5, dash: [6, 4], points: { show: false } },
    ],
  };
}
