import { z } from "zod";
import { badInput, type CodedError } from "../../../lib/errors.ts";
import { USD_LEAST } from "../../../lib/usd.ts";
import { isBeyondClocks } from "../domain/executor-clock.ts";
import { MOST_TOKENS } from "../domain/limits.ts";
import type { Charge } from "../domain/run.ts";
import { misfitOf, type Usage } from "../domain/usage.ts";
import type { CompletionMessage, ReceiptMessage } from "../operations/ports.ts";

const MOST_RECEIPTS = 1000;
/** Ten times the most that a task may be estimated at, so that no honest charge is refused and no sum overflows. */
const LARGEST_USD = 10_000_000;
const LONGEST_MS = 366 * 24 * 3_600_000;
const LARGEST_LANE = 2_147_483_647;

const STATUSES: readonly unknown[] = ["succeeded", "failed", "skipped"] satisfies Charge["status"][];

const NAME = /^[^\p{Cc}\p{Cs}]{1,256}$/u;
const NAME_ALLOWED = "1-256 characters without control characters";
const name = z.string(NAME_ALLOWED).regex(NAME, NAME_ALLOWED);

const ID = /^[1-9]\d{0,17}$/;
const ID_ALLOWED = "an id as it was submitted";
const id = z
  .union([z.string(), z.number()], ID_ALLOWED)
  .transform(String)
  .pipe(z.string().regex(ID, ID_ALLOWED));

const INSTANT = z.regexes.datetime({ offset: true });
const YEARS = /^(19[7-9]\d|20\d{2})-/;
const INSTANT_ALLOWED = "ISO-8601 with a zone, from 1970 to a day from now";
const instant = z
  .string(INSTANT_ALLOWED)
  .regex(INSTANT, INSTANT_ALLOWED)
  .regex(YEARS, INSTANT_ALLOWED)
  .transform((text) => new Date(text));

function count(most: number) {
  const allowed = `a whole number from 0 to ${most}`;
  return z.number(allowed).int(allowed).min(0, allowed).max(most, allowed);
}

const USAGE_ALLOWED =
  "model, input_tokens and output_tokens, and where known cache_read_tokens, cache_write_tokens and reasoning_tokens";

const usageSchema = z
  .strictObject(
    {
      model: name.nullish(),
      input_tokens: count(MOST_TOKENS),
      output_tokens: count(MOST_TOKENS),
      cache_read_tokens: count(MOST_TOKENS).nullish(),
      cache_write_tokens: count(MOST_TOKENS).nullish(),
      reasoning_tokens: count(MOST_TOKENS).nullish(),
    },
    USAGE_ALLOWED,
  )
  .transform((wire) => ({
    model: wire.model ?? null,
    inputTokens: wire.input_tokens,
    outputTokens: wire.output_tokens,
    cacheReadTokens: wire.cache_read_tokens ?? null,
    cacheWriteTokens: wire.cache_write_tokens ?? null,
    reasoningTokens: wire.reasoning_tokens ?? null,
  }))
  .refine(
    (usage) => misfitOf(usage) === null,
    "parts that are not more than their whole: cached of the input, reasoning of the output",
  );

/** What a field of a receipt may be. */
interface Rule {
  allowed: string;
  isAllowed: (value: unknown) => boolean;
}

const isText = (value: unknown, pattern: RegExp) => typeof value === "string" && pattern.test(value);
const within = (least: number, most: number, value: unknown) =>
  typeof value === "number" && value >= least && value <= most;

const amount = (least: number, most: number): Rule => ({
  allowed: `a number from ${least} to ${most}`,
  isAllowed: (value) => within(least, most, value),
});

const wholeNumber = (most: number): Rule => ({
  allowed: `a whole number from 0 to ${most}`,
  isAllowed: (value) => within(0, most, value) && Number.isInteger(value),
});

const NAMED: Rule = { allowed: NAME_ALLOWED, isAllowed: (value) => isText(value, NAME) };
const KNOWN: Rule = {
  allowed: ID_ALLOWED,
  isAllowed: (value) => isText(typeof value === "number" ? String(value) : value, ID),
};
const LANE = wholeNumber(LARGEST_LANE);
const TOKENS = wholeNumber(MOST_TOKENS);
const DURATION = amount(0, LONGEST_MS);
const COST = amount(-LARGEST_USD, LARGEST_USD);
const COST_SIZE: Rule = {
  allowed: `0, or an amount of at least ${USD_LEAST}`,
  isAllowed: (value) => value === 0 || Math.abs(value as number) >= USD_LEAST,
};
const COSINE = amount(-1, 1);
const STATUS: Rule = {
  allowed: "one of succeeded, failed, skipped",
  isAllowed: (value) => STATUSES.includes(value),
};
const TIME: Rule = {
  allowed: INSTANT_ALLOWED,
  isAllowed: (value) => isText(value, INSTANT) && isText(value, YEARS),
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** By hand: a message may have a thousand, and a schema takes three times as long for each. */
function chargeFrom(wire: unknown, place: number): Charge {
  if (!isRecord(wire)) throw badInput(`receipts.${place}`, wire, "a receipt");
  const held = (field: string, rule: Rule): unknown => {
    const value = wire[field];
    if (!rule.isAllowed(value)) throw badInput(`receipts.${place}.${field}`, value, rule.allowed);
    return value;
  };
  const told = (field: string) => wire[field] !== undefined && wire[field] !== null;
  const costUsd = () => {
    held("cost_usd", COST);
    return held("cost_usd", COST_SIZE) as number;
  };
  return {
    receiptId: held("receipt_id", NAMED) as string,
    taskId: String(held("task_id", KNOWN)),
    laneId: held("lane_id", LANE) as number,
    provider: held("provider", NAMED) as string,
    tokens: held("tokens", TOKENS) as number,
    durationMs: held("duration_ms", DURATION) as number,
    costUsd: costUsd(),
    echoCos: told("echo_cos") ? (held("echo_cos", COSINE) as number) : null,
    status: held("status", STATUS) as Charge["status"],
    occurredAt: new Date(held("occurred_at", TIME) as string),
    usage: told("usage") ? usageFrom(wire["usage"], place) : null,
  };
}

function usageFrom(wire: unknown, place: number): Usage {
  const result = usageSchema.safeParse(wire);
  if (result.success) return result.data;
  const { path, message } = firstOf(result.error);
  throw refusal(
    { receipts: { [place]: { usage: wire } } },
    { path: ["receipts", place, "usage", ...path], message },
  );
}

const RECEIPTS_ALLOWED = `1 to ${MOST_RECEIPTS} receipts`;
const MESSAGE_ALLOWED = "a JSON object";

/** @throws CodedError BAD_USER_INPUT naming the first field that is wrong */
export function parseReceipts(body: string, nowMs: number): Omit<ReceiptMessage, "messageId"> {
  const message = parseJson(body);
  if (!isRecord(message)) throw badInput("body", message, MESSAGE_ALLOWED);
  const { run_id: executorRunId, receipts } = message;
  if (!NAMED.isAllowed(executorRunId)) throw badInput("run_id", executorRunId, NAMED.allowed);
  if (!Array.isArray(receipts) || receipts.length < 1 || receipts.length > MOST_RECEIPTS)
    throw badInput("receipts", receipts, RECEIPTS_ALLOWED);
  const charges = receipts.map(chargeFrom);
  const future = charges.findIndex(({ occurredAt }) => isBeyondClocks(occurredAt, nowMs));
  if (future >= 0)
    throw refusal(message, { path: ["receipts", future, "occurred_at"], message: INSTANT_ALLOWED });
  return { executorRunId: executorRunId as string, charges };
}

const completionSchema = z
  .object(
    {
      project_id: id,
      run_id: name,
      validation_pass: z.boolean("true or false").nullish(),
      completed_at: instant.nullish(),
    },
    MESSAGE_ALLOWED,
  )
  .transform((wire) => ({
    projectId: wire.project_id,
    executorRunId: wire.run_id,
    validationPass: wire.validation_pass ?? null,
    completedAt: wire.completed_at ?? null,
  }));

/** @throws CodedError BAD_USER_INPUT naming the first field that is wrong */
export function parseCompletion(body: string, nowMs: number): Omit<CompletionMessage, "messageId"> {
  const json = parseJson(body);
  const result = completionSchema.safeParse(json);
  if (!result.success) throw refusal(json, firstOf(result.error));
  const { completedAt } = result.data;
  if (completedAt && isBeyondClocks(completedAt, nowMs))
    throw refusal(json, { path: ["completed_at"], message: INSTANT_ALLOWED });
  return result.data;
}

const firstOf = ({ issues }: z.ZodError): { path: Path; message: string } =>
  issues[0] ?? { path: [], message: "" };

type Path = readonly PropertyKey[];

function refusal(json: unknown, { path, message }: { path: Path; message: string }): CodedError {
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  return badInput(path.join(".") || "body", value, message);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badInput("body", body, "JSON");
  }
}
