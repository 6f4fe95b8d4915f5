interface SparklineProps {
  values: readonly number[];
  /** What the line shows, for those who do not see it. */
  label: string;
}

const WIDTH = 120;
const HEIGHT = 28;
const MARGIN = 3;

export function Sparkline({ values, label }: SparklineProps) {
  const top = Math.max(...values) || 1;
  const x = (index: number) =>
    values.length > 1 ? MARGIN + (index * (WIDTH - 2 * MARGIN)) / (values.length - 1) : WIDTH / 2;
  const y = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
  const last = values.length - 1;
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <polyline points={values.map((value, index) => `${x(index)},${y(value)}`).join(" ")} />
      <circle cx={x(last)} cy={y(values[last] ?? 0)} r="2.5" />
    </svg>
  );
}
