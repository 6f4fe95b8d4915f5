import { useId, useState, type KeyboardEvent } from "react";
import { dayAndTime, timeOfDay, zoneName } from "../ui/format.ts";
import { Moment, useZone } from "../ui/moment.tsx";
import { csvOf } from "./csv.ts";
import { download } from "./download.ts";
import { Plot } from "./plot.tsx";
import { MARK_NAMES, type Chart, type ChartMark } from "./series.ts";

export interface TimeChartProps {
  chart: Chart;
  format: (value: number) => string;
  /** What the chart shows, for those who do not see it. */
  label: string;
  /** What a file of it is called, without its ending. */
  file: string;
  heightPx?: number;
  isClose?: boolean;
  /** Without it nobody can zoom. Seconds since 1970. */
  onZoom?: (from: number, to: number) => void;
}

/**
 * A chart that can be read at every moment: with the pointer, or with the arrow keys. Dragging over it, or + and -, zooms.
 * The newest values stand in the legend while nobody reads.
 */
export function TimeChart({
  chart,
  format,
  label,
  file,
  heightPx = 200,
  isClose = false,
  onZoom,
}: TimeChartProps) {
  useZone();
  const help = useId();
  const [index, setIndex] = useState<number>();
  const reading = index === undefined || index >= chart.times.length ? undefined : index;
  const at = reading ?? newestOf(chart);
  const zoom = (from: number, to: number) => onZoom?.(from, Math.max(to, from + 1));
  const onKeyDown = (event: KeyboardEvent) => {
    const act = actionFor(event, { chart, at });
    if (!act) return;
    event.preventDefault();
    if ("zoom" in act) zoom(...act.zoom);
    else setIndex(act.index);
  };
  const values = readingAt(chart, at, { format, isRead: reading !== undefined });
  return (
    <figure className="time-chart">
      <Legend chart={chart} values={values} isRead={reading !== undefined} />
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, chart.times.length - 1)}
        aria-valuenow={at}
        aria-valuetext={textOf(values)}
        aria-describedby={help}
        onKeyDown={onKeyDown}
        onBlur={() => setIndex(undefined)}
      >
        <Plot
          chart={chart}
          format={format}
          heightPx={heightPx}
          isClose={isClose}
          reading={reading}
          onRead={setIndex}
          onZoom={zoom}
        />
      </div>
      <Caption chart={chart} help={help} label={label} file={file} />
    </figure>
  );
}

interface CaptionProps extends Pick<TimeChartProps, "chart" | "label" | "file"> {
  help: string;
}

const Caption = ({ chart, help, label, file }: CaptionProps) => (
  <figcaption>
    <span id={help} className="visually-hidden">
      Arrow keys read, plus and minus zoom, Escape ends reading.
    </span>
    <Marks marks={chart.marks ?? []} />
    <button type="button" className="quiet" onClick={() => download(`${file}.csv`, csvOf(chart))}>
      CSV
      <span className="visually-hidden"> of {label}</span>
    </button>
  </figcaption>
);

/** The last moment at which the first line has a value. */
function newestOf({ times, lines: [first] }: Chart): number {
  const last = first?.values.findLastIndex((value) => value !== null) ?? -1;
  return last >= 0 ? last : Math.max(0, times.length - 1);
}

interface Keyed {
  chart: Chart;
  at: number;
}

type Action = { index: number | undefined } | { zoom: [from: number, to: number] };

/** What a key does: a step is a point, or a tenth of them with Page Up and Page Down. */
function actionFor({ key }: KeyboardEvent, { chart: { times, span }, at }: Keyed): Action | undefined {
  const last = times.length - 1;
  const page = Math.max(1, Math.round(times.length / 10));
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -page,
    PageUp: page,
    Home: -last,
    End: last,
  };
  const step = steps[key];
  if (step !== undefined) return { index: Math.min(last, Math.max(0, at + step)) };
  if (key === "Escape") return { index: undefined };
  const factor = { "+": 0.5, "=": 0.5, "-": 2 }[key];
  if (factor === undefined) return undefined;
  const half = ((span[1] - span[0]) * factor) / 2;
  const middle = times[at] ?? span[1];
  return { zoom: [middle - half, middle + half] };
}

interface Reading {
  time: Date | undefined;
  entries: { name: string; look: string; value: string }[];
  happening: readonly ChartMark[];
}

const DAY_SECONDS = 86_400;
const NOTHING = "–";

/** What stands at a point. While nobody reads it is the newest one, and what is expected then stands at the end. */
function readingAt(
  chart: Chart,
  at: number,
  { format, isRead }: { format: TimeChartProps["format"]; isRead: boolean },
): Reading {
  const { times, lines, band, marks = [], span } = chart;
  const seconds = times[at];
  const later = isRead ? at : times.length - 1;
  const shown = (value: number | null | undefined) =>
    value === null || value === undefined ? NOTHING : format(value);
  const [low, high] = [band?.low[later], band?.high[later]].map(shown);
  // A mark is read from half a hundredth of the chart away.
  const near = (span[1] - span[0]) / 200;
  return {
    time: seconds === undefined ? undefined : new Date(seconds * 1000),
    entries: [
      ...lines.map(({ name, look, values }) => ({
        name,
        look,
        value: shown(values[look === "expected" ? later : at]),
      })),
      ...(band
        ? [{ name: band.name, look: "band", value: low === NOTHING ? NOTHING : `${low} – ${high}` }]
        : []),
    ],
    happening:
      seconds === undefined
        ? []
        : marks.filter(({ from, to = from }) => seconds >= from - near && seconds <= to + near),
  };
}

const textOf = ({ time, entries, happening }: Reading): string =>
  [
    ...(time ? [`${dayAndTime(time)} ${zoneName(time)}`] : []),
    ...entries.filter(({ value }) => value !== NOTHING).map(({ name, value }) => `${name} ${value}`),
    ...happening.map(({ kind, text }) => `${MARK_NAMES[kind]}: ${text}`),
  ].join(", ");

function Legend({ chart, values, isRead }: { chart: Chart; values: Reading; isRead: boolean }) {
  const kinds = [...new Set((chart.marks ?? []).map(({ kind }) => kind))];
  const [newest] = values.happening;
  const isLong = chart.span[1] - chart.span[0] > DAY_SECONDS;
  return (
    <div className="legend-line" data-read={isRead}>
      {values.time && (
        <span className="read-time number">
          {(isLong ? dayAndTime : timeOfDay)(values.time)} {zoneName(values.time)}
        </span>
      )}
      {values.entries.map(({ name, look, value }) => (
        <span key={name} className={`line-key ${look}`}>
          {name} <strong className="number">{value}</strong>
        </span>
      ))}
      {kinds.map((kind) => (
        <span key={kind} className={`line-key mark-${kind}`}>
          {MARK_NAMES[kind]}
        </span>
      ))}
      {isRead && newest && (
        <span className="happening">
          {MARK_NAMES[newest.kind]}: {newest.text}
        </span>
      )}
    </div>
  );
}

/** Everything that is marked, in words. */
function Marks({ marks }: { marks: readonly ChartMark[] }) {
  if (marks.length === 0) return null;
  return (
    <details className="marks">
      <summary>
        {marks.length} {marks.length === 1 ? "event" : "events"} marked
      </summary>
      <ol className="rows compact">
        {marks
          .toSorted((a, b) => b.from - a.from)
          .map((mark) => (
            <li key={`${mark.kind} ${mark.from} ${mark.text}`}>
              <span>
                {MARK_NAMES[mark.kind]}: {mark.text}
              </span>
              <span className="soft">
                <Moment at={new Date(mark.from * 1000).toISOString()} withDate />
              </span>
            </li>
          ))}
      </ol>
    </details>
  );
}
