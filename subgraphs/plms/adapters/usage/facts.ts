import { isBeyondClocks } from "../../domain/executor-clock.ts";
import { MOST_TOKENS } from "../../domain/limits.ts";
import { misfitOf, type Usage } from "../../domain/usage.ts";
import type { UsageEvent, UsageRefusal } from "../../domain/usage-event.ts";

/** Values by name, as somebody's telemetry has them; names differ between its versions. */
export type Facts = ReadonlyMap<string, unknown>;

/** Model calls that could be read, and those that could not. */
export interface ReadUsage {
  events: UsageEvent[];
  unreadable: UsageRefusal[];
  /** What was no model call. */
  others: number;
}

/** A value that is out of bounds. */
class UnreadableFact extends Error {}

const LONGEST_NAME = 256;
const LARGEST_USD = 10_000_000;
const LARGEST_ID = /^[1-9]\d{0,17}$/;

/** The first of the names that has a value. */
const first = (facts: Facts, names: readonly string[]): unknown =>
  names.map((name) => facts.get(name)).find((value) => value !== undefined && value !== null);

/** Text of 1-256 characters; numbers are taken for it, as ids are often written. */
export function textIn(facts: Facts, ...names: string[]): string | null {
  const value = first(facts, names);
  if (value === undefined || value === "") return null;
  const text = typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  if (typeof text !== "string" || text.length > LONGEST_NAME || /\p{Cc}|\p{Cs}/u.test(text))
    throw new UnreadableFact(`${names[0]}: expected text of 1-${LONGEST_NAME} characters`);
  return text;
}

export function tokensIn(facts: Facts, ...names: string[]): number | null {
  const value = first(facts, names);
  if (value === undefined) return null;
  const count = Number(value);
  if (!Number.isInteger(count) || count < 0 || count > MOST_TOKENS)
    throw new UnreadableFact(`${names[0]}: expected a whole number from 0 to ${MOST_TOKENS}`);
  return count;
}

export function usdIn(facts: Facts, ...names: string[]): number | null {
  const value = first(facts, names);
  if (value === undefined) return null;
  const usd = Number(value);
  if (!Number.isFinite(usd) || Math.abs(usd) > LARGEST_USD)
    throw new UnreadableFact(`${names[0]}: expected a number from ${-LARGEST_USD} to ${LARGEST_USD}`);
  return usd;
}

/** Whose call it is, by our own names. */
export function placeIn(
  facts: Facts,
): Pick<UsageEvent, "projectId" | "runId" | "taskId" | "taskName" | "laneId"> {
  const laneId = textIn(facts, "plms.lane.id");
  const place = {
    projectId: textIn(facts, "plms.project.id"),
    runId: textIn(facts, "plms.run.id"),
    taskId: textIn(facts, "plms.task.id"),
    taskName: textIn(facts, "plms.task.name"),
  };
  for (const [name, id] of Object.entries({
    "plms.project.id": place.projectId,
    "plms.task.id": place.taskId,
    "plms.lane.id": laneId,
  }))
    if (id !== null && !LARGEST_ID.test(id)) throw new UnreadableFact(`${name}: expected an id, like 42`);
  return { ...place, laneId: laneId === null ? null : Number(laneId) };
}

/**
 * A usage whose parts fit: where what a cache had is told beside the input and not within, it is added to it. That is known
 * of some who tell (`isCacheBeside`), and seen where it is more than the input.
 */
export function fitting(usage: Usage, { isCacheBeside = false } = {}): Usage {
  const cached = (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0);
  const whole =
    isCacheBeside || cached > usage.inputTokens
      ? { ...usage, inputTokens: usage.inputTokens + cached }
      : usage;
  if (misfitOf(whole) !== null) throw new UnreadableFact("more tokens were thought than were put out");
  return whole;
}

/** When a call ended and how long it took. */
export function timesOf(
  startMs: number,
  endMs: number,
  nowMs: number,
): { durationMs: number; occurredAt: Date } {
  const occurredAt = new Date(endMs);
  if (!(endMs > 0) || Number.isNaN(occurredAt.getTime()) || isBeyondClocks(occurredAt, nowMs))
    throw new UnreadableFact("the end of the call: expected a time from 1970 to a day from now");
  return { durationMs: Math.min(Math.max(0, endMs - startMs) || 0, 366 * 86_400_000), occurredAt };
}

/** Adds what `read` makes of one call, or why it cannot be read. */
export function addCall(into: ReadUsage, id: string, read: () => UsageEvent): void {
  try {
    into.events.push(read());
  } catch (error) {
    if (!(error instanceof UnreadableFact)) throw error;
    into.unreadable.push({ eventId: id, reason: "invalid", detail: error.message });
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const recordsIn = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];
