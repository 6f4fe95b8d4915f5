import { percent } from "./format.ts";

interface RangeProps {
  interval: { low: number; high: number; level: number } | null;
  format: (value: number) => string;
}

/** Where the true value lies, and how surely; nothing when that is not known. */
export function Range({ interval, format }: RangeProps) {
  if (!interval) return null;
  const { low, high, level } = interval;
  return (
    <span className="soft number range-text" title={`With a certainty of ${percent(level)}`}>
      {format(low)} – {format(high)}
    </span>
  );
}
