import { z } from "zod";
import { badInput, CodedError } from "../../../lib/errors.ts";
import { RUN_MINUTES_ALLOWED, RUN_TOKENS_ALLOWED } from "../domain/limits.ts";
import type { RunKind } from "../domain/run.ts";

/** What `POST …/start` asks for. */
export interface StartRequest {
  runKind: RunKind;
  writeSandbox: boolean;
  budgetTokens: number | null;
  budgetDurationMinutes: number | null;
  allowConcurrent: boolean;
}

const startSchema = z.object({
  run_kind: z.enum(["baseline", "rehearsal", "replay", "hotfix"]).default("baseline"),
  write_sandbox: z.boolean().default(false),
  budget_tokens: z.number().nullish(),
  budget_duration_minutes: z.number().nullish(),
  allow_concurrent: z.boolean().default(false),
});

const ALLOWED: Readonly<Record<string, string>> = {
  run_kind: "one of baseline, rehearsal, replay, hotfix",
  write_sandbox: "true or false",
  budget_tokens: RUN_TOKENS_ALLOWED,
  budget_duration_minutes: RUN_MINUTES_ALLOWED,
  allow_concurrent: "true or false",
};

/** @throws CodedError BAD_USER_INPUT naming the field */
export function parseStart(body: unknown): StartRequest {
  const result = startSchema.safeParse(body ?? {});
  if (!result.success) {
    const field = String(result.error.issues[0]?.path[0] ?? "body");
    const value = field === "body" ? body : (body as Record<string, unknown>)[field];
    throw badInput(field, value, ALLOWED[field] ?? "a JSON object");
  }
  const { run_kind, write_sandbox, budget_tokens, budget_duration_minutes, allow_concurrent } = result.data;
  return {
    runKind: run_kind,
    writeSandbox: write_sandbox,
    budgetTokens: budget_tokens ?? null,
    budgetDurationMinutes: budget_duration_minutes ?? null,
    allowConcurrent: allow_concurrent,
  };
}

/**
 * The key as it is meant: bare, or a quoted string as the Idempotency-Key draft has it.
 *
 * @throws CodedError BAD_USER_INPUT when there is none
 */
export function idempotencyKeyIn(header: unknown): string {
  if (typeof header !== "string" || header === "") {
    throw new CodedError(
      "BAD_USER_INPUT",
      "The header Idempotency-Key is missing; expected 1-255 printable characters",
      {
        field: "idempotency_key",
        allowed: "1-255 printable ASCII characters",
      },
    );
  }
  const quoted = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header)?.[1];
  return quoted === undefined ? header : quoted.replaceAll(/\\(["\\])/g, "$1");
}

/**
 * A number in the query.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export function numberIn(query: Record<string, unknown>, field: string, allowed: string): number | undefined {
  const value = query[field];
  if (value === undefined) return undefined;
  const isNumber = typeof value === "string" && /^-?\d{1,15}(\.\d{1,15})?(e-?\d{1,3})?$/i.test(value);
  if (isNumber && Number.isFinite(Number(value))) return Number(value);
  throw badInput(field, value, allowed);
}

/**
 * A flag in the query: true, false, 1 or 0.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export function flagIn(query: Record<string, unknown>, field: string, fallback: boolean): boolean {
  const value = query[field];
  if (value === undefined) return fallback;
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw badInput(field, value, "true, false, 1 or 0");
}
