import { z } from "zod";
import { badInput } from "../../../lib/errors.ts";

const MOST_RECEIPTS = 1000;
const LARGEST_USD = 1_000_000_000;

const name = z.string().regex(/^[^\p{Cc}]{1,256}$/u, "1-256 characters without control characters");
const id = z
  .union([z.string(), z.number().int().nonnegative()])
  .transform(String)
  .pipe(z.string().regex(/^[1-9]\d{0,17}$/, "an id as it was submitted"));
const instant = z.iso
  .datetime({ offset: true, error: "ISO-8601 with a zone" })
  .transform((text) => new Date(text));

const chargeSchema = z
  .object({
    receipt_id: name,
    task_id: id,
    lane_id: z.number().int().min(0).max(2_147_483_647),
    provider: name,
    tokens: z.number().int().min(0).max(2_147_483_647),
    duration_ms: z.number().min(0),
    cost_usd: z.number().min(-LARGEST_USD).max(LARGEST_USD),
    echo_cos: z.number().min(-1).max(1).nullish(),
    status: z.enum(["succeeded", "failed", "skipped"]),
    occurred_at: instant,
  })
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
  }));

const receiptsSchema = z
  .object({ run_id: name, receipts: z.array(chargeSchema).min(1).max(MOST_RECEIPTS) })
  .transform(({ run_id, receipts }) => ({ executorRunId: run_id, charges: receipts }));

const completionSchema = z
  .object({
    project_id: id,
    run_id: name,
    validation_pass: z.boolean().nullish(),
    completed_at: instant.nullish(),
  })
  .transform((wire) => ({
    projectId: wire.project_id,
    executorRunId: wire.run_id,
    validationPass: wire.validation_pass ?? null,
    completedAt: wire.completed_at ?? null,
  }));

/** @throws CodedError BAD_USER_INPUT naming the first field that is wrong */
export const parseReceipts = (body: string) => parse(receiptsSchema, body);

/** @throws CodedError BAD_USER_INPUT naming the first field that is wrong */
export const parseCompletion = (body: string) => parse(completionSchema, body);

function parse<T>(schema: z.ZodType<T>, body: string): T {
  const json = parseJson(body);
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const { path = [], message = "" } = result.error.issues[0] ?? {};
  const value = path.reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    json,
  );
  throw badInput(path.join(".") || "body", value, message);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badInput("body", body, "JSON");
  }
}
