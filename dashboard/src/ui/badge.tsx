import { words } from "./format.ts";

export type Tone = "good" | "warn" | "bad" | "busy" | "idle";

const TONES: Readonly<Record<string, Tone>> = {
  OK: "good",
  COMPLETED: "good",
  SUCCEEDED: "good",
  APPROVED: "good",
  CLOSED: "good",
  PLM: "good",
  ENABLED: "good",
  HEALTHY: "good",
  PLM_CACHE: "busy",
  EXECUTING: "busy",
  SUBMITTING: "busy",
  VALIDATING: "busy",
  IN_PROGRESS: "busy",
  SHADOW: "busy",
  RELEASED: "busy",
  WARNING: "warn",
  PAUSED: "warn",
  NEEDS_REVIEW: "warn",
  HALF_OPEN: "warn",
  DEGRADED: "warn",
  PLM_STALE: "warn",
  MRP: "warn",
  HOLD: "warn",
  MINOR: "warn",
  CRITICAL: "bad",
  FAILED: "bad",
  OPEN: "bad",
  ISOLATED: "bad",
  DOWN: "bad",
  MAJOR: "bad",
};

const SIGNS: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕", busy: "●", idle: "○" };

const toneOf = (value: string): Tone => TONES[value] ?? "idle";

/** A state in a word, a colour and a sign, so that the colour alone never has to say it. */
export function Badge({
  value,
  tone = toneOf(value),
  label = words(value),
}: {
  value: string;
  tone?: Tone;
  label?: string;
}) {
  return (
    <span className={`badge ${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {label}
    </span>
  );
}
