import type { ReactNode } from "react";
import { percent } from "./format.ts";

/** Names and values, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ name, children, hint }: { name: string; children: ReactNode; hint?: string }) {
  return (
    <div>
      <dt title={hint}>{name}</dt>
      <dd className="number">{children}</dd>
    </div>
  );
}

/** A figure large enough to read across the room. */
export function Figure({ label, children, note }: { label: string; children: ReactNode; note?: ReactNode }) {
  return (
    <div className="figure">
      <span className="label">{label}</span>
      <strong className="number">{children}</strong>
      {note && <span className="note">{note}</span>}
    </div>
  );
}

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
