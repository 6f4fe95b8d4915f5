import { createHash } from "node:crypto";
import type { Caller } from "../../lib/graphql-endpoint.ts";

/** A label of `@override`, as a supergraph has it. */
export interface OverrideLabel {
  label: string;
  /** For `percent(25)`, which request follows it is decided by its place among a hundred. */
  percent: number | undefined;
}

/** What decides which overrides a request follows. */
export interface OverrideChoice {
  /** The labels that are on for it. */
  labels: ReadonlySet<string>;
  /** Its place among a hundred, 0 up to but not including 100. */
  percentile: number;
}

/** Whether a request follows an override: its label is on, or its place is below the percentage. */
export const isFollowed = (
  { label, percent }: OverrideLabel,
  { labels, percentile }: OverrideChoice,
): boolean => (percent === undefined ? labels.has(label) : percentile < percent);

/** How requests get their labels. */
export interface OverrideSettings {
  /** Labels that are on for everybody. */
  labels: ReadonlySet<string>;
}

/**
 * Which overrides a request follows: the labels that are on for everybody and those of its token's `override_labels`. Who
 * has a token has one place among a hundred, always the same, so that nobody goes back and forth; others get one for
 * each request.
 */
export function overridesFor(
  { labels }: OverrideSettings,
  { identity, correlationId }: Caller,
): OverrideChoice {
  const own = identity.overrideLabels ?? [];
  return {
    labels: own.length === 0 ? labels : new Set([...labels, ...own]),
    percentile: percentileOf(identity.subject === "anonymous" ? correlationId : identity.subject),
  };
}

/** For what belongs to no single caller, like a shared subscription: only what everybody follows. */
export const overridesForAll = ({ labels }: OverrideSettings): OverrideChoice => ({
  labels,
  percentile: LAST_PERCENTILE,
});

/** Follows `percent(100)` and no less. */
const LAST_PERCENTILE = 99.999;

/** The place of a text among a hundred, with a fraction. */
function percentileOf(text: string): number {
  const hash = createHash("sha256").update(text).digest().readUInt32BE();
  return (hash / 2 ** 32) * 100;
}
