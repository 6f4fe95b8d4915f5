import type { KeyboardEvent, PointerEvent } from "react";

interface SparklineProps {
  values: readonly number[];
  /** What the line shows, for those who do not see it. */
  label: string;
  /** The value that is read; undefined while nobody reads. */
  reading: number | undefined;
  /** That value, or the newest, in words. */
  text: string;
  onRead: (index: number | undefined) => void;
}

const WIDTH = 120;
const HEIGHT = 28;
const MARGIN = 3;

/** A small line whose values are read with the pointer or with the arrow keys. */
export function Sparkline({ values, label, reading, text, onRead }: SparklineProps) {
  const top = Math.max(...values) || 1;
  const last = values.length - 1;
  const at = reading ?? last;
  const x = (index: number) => MARGIN + (index * (WIDTH - 2 * MARGIN)) / Math.max(1, last);
  const y = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
  const within = (index: number) => Math.min(last, Math.max(0, Math.round(index)));
  const point = ({ clientX, currentTarget }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    onRead(within(((((clientX - left) / width) * WIDTH - MARGIN) / (WIDTH - 2 * MARGIN)) * last));
  };
  const press = (event: KeyboardEvent) => {
    const next = STEPS[event.key]?.(at, last);
    if (next === undefined && event.key !== "Escape") return;
    event.preventDefault();
    onRead(next === undefined ? undefined : within(next));
  };
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={at}
      aria-valuetext={text}
      onPointerMove={point}
      onPointerLeave={() => onRead(undefined)}
      onKeyDown={press}
      onBlur={() => onRead(undefined)}
    >
      <polyline points={values.map((value, index) => `${x(index)},${y(value)}`).join(" ")} />
      <circle cx={x(at)} cy={y(values[at] ?? 0)} r="2.5" />
    </svg>
  );
}

const STEPS: Readonly<Record<string, (at: number, last: number) => number>> = {
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  Home: () => 0,
  End: (_at, last) => last,
};
