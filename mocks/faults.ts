import { z } from "zod";
import { badInput } from "../lib/errors.ts";
import type { Random } from "./seeded-random.ts";

/** Ways in which an answer goes wrong. */
export const ANSWER_MODES = [
  "down",
  "status",
  "slow",
  "hang",
  "malformed",
  "partial",
  "empty",
  "reset",
  "expired-token",
  "rate-limit",
  "schema-drift",
  "wrong-content-type",
] as const;

/** Ways in which a webhook that a mock sends goes wrong; `down` and `slow` serve both directions. */
export const WEBHOOK_MODES = ["duplicate", "reordered", "lost", "forged", "down", "slow"] as const;

export type FaultMode = (typeof ANSWER_MODES)[number] | (typeof WEBHOOK_MODES)[number];

export interface FaultRule {
  /** Which paths: `*` stands for any characters, slashes too. */
  path: string;
  mode: FaultMode;
  /** HTTP status of mode `status`, 400-599. */
  status: number;
  /** Milliseconds to wait before the fault, or before the good answer of mode `slow`. */
  latencyMs: number;
  /** Share of the matching calls that are hit, 0-1. */
  rate: number;
  /** How many more calls are hit before the rule ends; null is without end. */
  count: number | null;
}

/** A rule as callers write it: only the path and the mode are necessary. */
export type FaultRuleInput = Pick<FaultRule, "path" | "mode"> & Partial<FaultRule>;

export interface Faults {
  /** Replaces all rules; none heals. */
  set(rules: readonly FaultRule[]): void;
  rules(): readonly FaultRule[];
  /** The first rule of one of these modes that hits a call of this path now; counts it. */
  take(path: string, modes: readonly FaultMode[]): FaultRule | undefined;
}

const WEBHOOK_PREFIX = "/webhooks/";
const LONGEST_LATENCY_MS = 600_000;

const ALLOWED: Record<string, string> = {
  path: "text that starts with / or *, where * stands for any characters",
  status: "an integer from 400 to 599",
  latencyMs: `an integer from 0 to ${LONGEST_LATENCY_MS}`,
  rate: "a number from 0 to 1",
  count: "an integer from 1, or null for no end",
};

/**
 * Reads the body of `PUT /_faults`: `{rules: […]}` or the list alone.
 *
 * @param modes what this mock can do
 * @throws CodedError BAD_USER_INPUT naming the rule and its field
 */
export function parseFaultRules(body: unknown, modes: readonly FaultMode[]): FaultRule[] {
  const rules = Array.isArray(body) ? body : (body as { rules?: unknown } | null | undefined)?.rules;
  if (!Array.isArray(rules)) throw badInput("rules", rules, "a list of rules; [] heals");
  return rules.map((rule: unknown, index) => parseRule(rule, { name: `rules[${index}]`, modes }));
}

export function createFaults(random: Random): Faults {
  let active: FaultRule[] = [];
  return {
    set: (rules) => {
      active = rules.map((rule) => ({ ...rule }));
    },
    rules: () => active.map((rule) => ({ ...rule })),
    take: (path, modes) => {
      const applies = (rule: FaultRule) => modes.includes(rule.mode) && matches(rule.path, path);
      const hit = active.find((rule) => applies(rule) && (rule.rate >= 1 || random() < rule.rate));
      if (hit && hit.count !== null) {
        hit.count -= 1;
        if (hit.count === 0) active = active.filter((rule) => rule !== hit);
      }
      return hit && { ...hit };
    },
  };
}

function parseRule(rule: unknown, context: { name: string; modes: readonly FaultMode[] }): FaultRule {
  const { name, modes } = context;
  const result = ruleSchema(modes).safeParse(rule);
  if (!result.success) {
    const [issue] = result.error.issues;
    if (issue?.code === "unrecognized_keys") {
      throw badInput(
        `${name}.${issue.keys[0]}`,
        valueAt(rule, issue.keys[0]),
        "path, mode, status, latencyMs, rate, count",
      );
    }
    const field = issue?.path[0];
    const allowed =
      field === "mode" ? `one of ${modes.join(", ")}` : (ALLOWED[String(field)] ?? "a rule {path, mode, …}");
    throw badInput(field === undefined ? name : `${name}.${String(field)}`, valueAt(rule, field), allowed);
  }
  const isWebhookPath = result.data.path.startsWith(WEBHOOK_PREFIX);
  const possible: readonly FaultMode[] = isWebhookPath ? WEBHOOK_MODES : ANSWER_MODES;
  if (!possible.includes(result.data.mode)) {
    const where = isWebhookPath ? "a webhook" : `a path outside ${WEBHOOK_PREFIX}`;
    throw badInput(`${name}.mode`, result.data.mode, `one of ${possible.join(", ")} for ${where}`);
  }
  return result.data;
}

const ruleSchema = (modes: readonly FaultMode[]): z.ZodType<FaultRule> =>
  z.strictObject({
    path: z.string().regex(/^[/*]/).max(500),
    mode: z.enum(modes),
    status: z.int().min(400).max(599).default(503),
    latencyMs: z.int().min(0).max(LONGEST_LATENCY_MS).default(0),
    rate: z.number().min(0).max(1).default(1),
    count: z.int().min(1).nullable().default(null),
  });

const valueAt = (rule: unknown, field: PropertyKey | undefined): unknown =>
  field === undefined ? rule : (rule as Record<PropertyKey, unknown>)[field];

/** Matches piece by piece: a pattern from outside never becomes a regular expression. */
function matches(pattern: string, path: string): boolean {
  const [first = "", ...pieces] = pattern.split("*");
  if (!path.startsWith(first)) return false;
  const last = pieces.pop();
  if (last === undefined) return path === first;
  let position = first.length;
  for (const piece of pieces) {
    const found = path.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return path.length - last.length >= position && path.endsWith(last);
}
