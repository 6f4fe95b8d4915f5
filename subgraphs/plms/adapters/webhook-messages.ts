import { z } from "zod";
import { badInput, type CodedError } from "../../../lib/errors.ts";
import { USD_LEAST } from "../../../lib/usd.ts";
import { isBeyondClocks } from "../domain/executor-clock.ts";
import { MOST_TOKENS } from "../domain/limits.ts";
import { misfitOf } from "../domain/usage.ts";

const MOST_RECEIPTS = 1000;
/** Ten times the most that a task may be estimated at, so that no honest charge is refused and no sum overflows. */
const LARGEST_USD = 10_000_000;
const LONGEST_MS = 366 * 24 * 3_600_000;
const LARGEST_LANE = 2_147_483_647;

const NAME_ALLOWED = "1-256 characters without control characters";
const name = z.string(NAME_ALLOWED).regex(/^[^\p{Cc}\p{Cs}]{1,256}$/u, NAME_ALLOWED);

const ID_ALLOWED = "an id as it was submitted";
const id = z
  .union([z.string(), z.number()], ID_ALLOWED)
  .transform(String)
  .pipe(z.string().regex(/^[1-9]\d{0,17}$/, ID_ALLOWED));

const USAGE_ALLOWED =
  "model, input_tokens and output_tokens, and where known cache_read_tokens, cache_write_tokens and reasoning_tokens";

const YEARS = /^(19[7-9]\d|20\d{2})-/;
const INSTANT_ALLOWED = "ISO-8601 with a zone, from 1970 to a day from now";
const instant = z.iso
  .datetime({ offset: true, error: INSTANT_ALLOWED })
  .regex(YEARS, INSTANT_ALLOWED)
  .transform((text) => new Date(text));

function amount(least: number, most: number) {
  const allowed = `a number from ${least} to ${most}`;
  return z.number(allowed).min(least, allowed).max(most, allowed);
}

function count(most: number) {
  const allowed = `a whole number from 0 to ${most}`;
  return z.number(allowed).int(allowed).min(0, allowed).max(most, allowed);
}

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

const chargeSchema = z
  .object(
    {
      receipt_id: name,
      task_id: id,
      lane_id: count(LARGEST_LANE),
      provider: name,
      tokens: count(MOST_TOKENS),
      duration_ms: amount(0, LONGEST_MS),
      cost_usd: amount(-LARGEST_USD, LARGEST_USD).refine(
        (usd) => usd === 0 || Math.abs(usd) >= USD_LEAST,
        `0, or an amount of at least ${USD_LEAST}`,
      ),
      echo_cos: amount(-1, 1).nullish(),
      status: z.enum(["succeeded", "failed", "skipped"], "one of succeeded, failed, skipped"),
      occurred_at: instant,
      usage: usageSchema.nullish(),
    },
    "a receipt",
  )
  .transform((wire) => ({
    receiptId: wire.receipt_id,
    taskId: wire.task_id,
    laneId: wire.lane_id,
    provider: wire.provider,
    tokens: wire.tokens,
    durationMs: wire.duration_ms,
    costUsd: wire.cost_usd,
    echoCos: wire.echo_cos ?? null,
    status: wire.status,
    occurredAt: wire.occurred_at,
    usage: wire.usage ?? null,
  }));

const RECEIPTS_ALLOWED = `1 to ${MOST_RECEIPTS} receipts`;
const MESSAGE_ALLOWED = "a JSON object";

const receiptsSchema = z
  .object(
    {
      run_id: name,
      receipts: z
        .array(chargeSchema, RECEIPTS_ALLOWED)
        .min(1, RECEIPTS_ALLOWED)
        .max(MOST_RECEIPTS, RECEIPTS_ALLOWED),
    },
    MESSAGE_ALLOWED,
  )
  .transform(({ run_id, receipts }) => ({ executorRunId: run_id, charges: receipts }));

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
export const parseReceipts = (body: string, nowMs: number) =>
  parse(receiptsSchema, body, ({ charges }) => {
    const index = charges.findIndex(({ occurredAt }) => isBeyondClocks(occurredAt, nowMs));
    return index < 0 ? null : ["receipts", index, "occurred_at"];
  });

/** @throws CodedError BAD_USER_INPUT naming the first field that is wrong */
export const parseCompletion = (body: string, nowMs: number) =>
  parse(completionSchema, body, ({ completedAt }) =>
    completedAt && isBeyondClocks(completedAt, nowMs) ? ["completed_at"] : null,
  );

type Path = readonly PropertyKey[];

function parse<T>(schema: z.ZodType<T>, body: string, pathToFuture: (message: T) => Path | null): T {
  const json = parseJson(body);
  const result = schema.safeParse(json);
  if (!result.success) throw refusal(json, result.error.issues[0] ?? { path: [], message: "" });
  const path = pathToFuture(result.data);
  if (path) throw refusal(json, { path, message: INSTANT_ALLOWED });
  return result.data;
}

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
