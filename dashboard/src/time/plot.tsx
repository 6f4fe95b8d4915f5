import { useEffect, useEffectEvent, useMemo, useRef } from "react";
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { dayOfYear, timeOfDay } from "../ui/format.ts";
import { drawMarks, drawSpans } from "./plot-marks.ts";
import type { Chart, LineLook } from "./series.ts";
import { useZone } from "../ui/moment.tsx";

interface PlotProps {
  chart: Chart;
  format: (value: number) => string;
  heightPx: number;
  /** Shows what the lines do, not how they stand to nothing and to their limits. */
  isClose: boolean;
  /** The point that is read. */
  reading: number | undefined;
  onRead: (index: number | undefined) => void;
  onZoom: (from: number, to: number) => void;
}

/** The drawing alone. It is made once for lines of the same looks, and is given new values after that. */
export function Plot({ chart, format, heightPx, isClose, reading, onRead, onZoom }: PlotProps) {
  const element = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const shown = useRef(chart);
  const zone = useZone();
  const looks = chart.lines.map(({ look }) => look).join(" ");
  const hasBand = chart.band !== undefined;
  const read = useEffectEvent(onRead);
  const zoom = useEffectEvent(onZoom);
  useEffect(() => {
    const host = element.current;
    if (!host) return undefined;
    const drawing = { format, heightPx, hasBand, isClose, zone, looks: looks.split(" ") as LineLook[] };
    const options = optionsFor(host, drawing, { chart: () => shown.current, read, zoom });
    const made = new UPlot(options, dataOf(shown.current), host);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height: heightPx }));
    observer.observe(host);
    const redraw = () => made.redraw(false);
    const media = LOOKS.map((query) => matchMedia(query));
    for (const each of media) each.addEventListener("change", redraw);
    return () => {
      for (const each of media) each.removeEventListener("change", redraw);
      observer.disconnect();
      made.destroy();
    };
  }, [format, heightPx, isClose, looks, hasBand, zone]);
  const data = useMemo(() => dataOf(chart), [chart]);
  useEffect(() => {
    shown.current = chart;
    plot.current?.setData(data);
  }, [chart, data]);
  useEffect(() => {
    const made = plot.current;
    const time = reading === undefined ? undefined : chart.times[reading];
    if (!made || made.cursor.idx === (reading ?? null)) return;
    made.setCursor({ left: time === undefined ? -10 : made.valToPos(time, "x"), top: 0 }, false);
  }, [reading, chart]);
  return <div className="plot" style={{ minHeight: heightPx }} ref={element} />;
}

/** Whose change changes the colours: paper is always light. */
const LOOKS = ["(prefers-color-scheme: dark)", "print"];

/** The band goes first, so that the lines are drawn over it. */
const dataOf = ({ times, lines, band }: Chart): UPlot.AlignedData => [
  [...times],
  ...(band ? [[...band.high], [...band.low]] : []),
  ...lines.map(({ values }) => [...values]),
];

interface Drawing {
  format: (value: number) => string;
  heightPx: number;
  hasBand: boolean;
  isClose: boolean;
  zone: "local" | "utc";
  looks: readonly LineLook[];
}

interface Told {
  chart: () => Chart;
  read: (index: number | undefined) => void;
  zoom: (from: number, to: number) => void;
}

const DAY_SECONDS = 86_400;
/** The longest label of the time axis, `23:59:59`, with room around it. */
const LABEL_PX = 74;
/** A drag shorter than that was a click. */
const DRAG_PX = 5;

/** Times of day; days where the chart spans several. */
function timesFor(splits: readonly number[]): string[] {
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    if (span > 2 * DAY_SECONDS) return dayOfYear(date);
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
function optionsFor(host: HTMLElement, drawing: Drawing, told: Told): UPlot.Options {
  const color = (name: string) => () => getComputedStyle(host).getPropertyValue(name);
  const axis = {
    stroke: color("--chart-text"),
    grid: { stroke: color("--chart-grid"), width: 1 },
    ticks: { show: false },
  };
  const format = (value: number) => drawing.format(value);
  return {
    width: host.clientWidth,
    height: drawing.heightPx,
    padding: [8, 28, 0, 0],
    legend: { show: false },
    ...(drawing.zone === "utc" && {
      tzDate: (seconds: number) => UPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    }),
    cursor: { y: false, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => null } },
    scales: { x: { time: true, range: () => [...told.chart().span] }, y: { range: rangeFor(drawing, told) } },
    axes: [
      { ...axis, size: 28, space: LABEL_PX, values: (_plot, splits) => timesFor(splits) },
      { ...axis, size: 64, values: (_plot, splits) => splits.map(format) },
    ],
    series: [{}, ...seriesFor(drawing, color)],
    bands: drawing.hasBand ? [{ series: [1, 2], fill: color("--chart-band") }] : [],
    hooks: {
      drawAxes: [(plot) => drawSpans(plot, told.chart().marks ?? [])],
      draw: [(plot) => drawMarks(plot, told.chart().marks ?? [])],
      setCursor: [(plot) => told.read(plot.cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (width > DRAG_PX) told.zoom(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
        },
      ],
    },
  };
}

function seriesFor({ looks, hasBand }: Drawing, color: (name: string) => () => string): UPlot.Series[] {
  const stepped = UPlot.paths.stepped?.({ align: 1 });
  const drawn: Readonly<Record<LineLook, UPlot.Series>> = {
    main: { stroke: color("--chart-line"), fill: color("--chart-fill"), width: 2 },
    second: { stroke: color("--chart-second"), width: 1.5 },
    bad: { stroke: color("--chart-limit"), width: 2 },
    limit: { stroke: color("--chart-limit"), width: 1.5, dash: [6, 4], ...(stepped && { paths: stepped }) },
    expected: { stroke: color("--chart-line"), width: 1.5, dash: [2, 4] },
  };
  const edge: UPlot.Series = { width: 0, points: { show: false } };
  return [
    ...(hasBand ? [edge, edge] : []),
    ...looks.map((look) => ({ ...drawn[look], points: { show: isSparse, size: 4 } })),
  ];
}

const ROOM = 1.08;

/** From nothing to the highest line; or, seen close, what the lines do that are no limit. */
const rangeFor =
  ({ isClose, looks, hasBand }: Drawing, { chart }: Told): UPlot.Range.Function =>
  (_plot, _low, high) => {
    if (!isClose) return [0, high > 0 ? high * ROOM : 1];
    const { lines, band } = chart();
    const values = [
      ...lines.filter((_, index) => looks[index] !== "limit").flatMap((line) => line.values),
      ...(hasBand && band ? [...band.low, ...band.high] : []),
    ].filter((value) => value !== null);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    if (values.length === 0 || most === least) return [0, most > 0 ? most * ROOM : 1];
    const margin = (most - least) * (ROOM - 1);
    return [Math.max(0, least - margin), most + margin];
  };
