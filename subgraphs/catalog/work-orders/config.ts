import { z } from "zod";
import {
  choice,
  flag,
  integer,
  optionalText,
  optionalUrl,
  text,
  url,
  type Environment,
  type Variable,
} from "../../../lib/env.ts";
import type { TokenSettings } from "../../../lib/jwt.ts";

/** Environment of the work orders, their usage events and the legacy product API. */
export const workOrderVariables = {
  IDEMPOTENCY_TTL_SECONDS: integer({
    description: "How long an idempotency key is remembered",
    min: 60,
    max: 2_592_000,
    fallback: 86_400,
  }),
  DEFAULT_ROUTING_VERSION_ID: text({
    description: "Routing of work orders whose product has none of its own",
    fallback: "lx24-base-v1",
  }),
  WORK_ORDER_DETAIL_DEADLINE_MS: integer({
    description: "Milliseconds after which a work order shows its product as it keeps it",
    min: 10,
    max: 60_000,
    fallback: 600,
  }),
  PLM_USAGE_BATCH_SIZE: integer({
    description: "Most usage events in one delivery to the PLM",
    min: 1,
    max: 100,
    fallback: 100,
  }),
  PLM_USAGE_FLUSH_MS: integer({
    description: "Milliseconds that a usage event waits at most for others to share its delivery",
    min: 10,
    max: 60_000,
    fallback: 5_000,
  }),
  PLM_USAGE_BACKOFF_MS: integer({
    description: "Milliseconds after the first failed delivery; doubles each time up to five minutes",
    min: 10,
    max: 60_000,
    fallback: 1_000,
  }),
  PLM_USAGE_MAX_ATTEMPTS: integer({
    description: "Deliveries of usage events before they become dead letters",
    min: 1,
    max: 1000,
    fallback: 20,
  }),
  JWT_SECRET: optionalText({
    description: "HS256 secret of the bearer tokens of the legacy API; or use JWT_JWKS_URL",
    min: 32,
    secret: true,
  }),
  JWT_JWKS_URL: optionalUrl({
    description: "Public keys of the token issuer (RS256, ES256)",
    schemes: ["https", "http"],
  }),
  JWT_ISSUER: text({ description: "Required `iss` of tokens", fallback: "lifecycle-gateway" }),
  JWT_AUDIENCE: text({ description: "Required `aud` of tokens", fallback: "lifecycle-gateway" }),
  LEGACY_API_MODE: choice({
    description: "Whether the legacy product API answers with a warning, or 410 with its successor",
    of: ["warn", "gone"],
    fallback: "warn",
  }),
  LEGACY_DEPRECATED_AT: date("When the legacy product API was deprecated", "2026-11-21"),
  LEGACY_SUNSET_AT: date("When the legacy product API is to be retired", "2027-11-21"),
  LEGACY_SUCCESSOR_URL: url({
    description: "What callers of the legacy product API should use",
    schemes: ["http", "https"],
    fallback: "http://127.0.0.1:4000/graphql",
  }),
  LEGACY_RETENTION_MONTHS: integer({
    description: "Months for which the product tables are kept after the retirement",
    min: 0,
    max: 240,
    fallback: 12,
  }),
  PLM_IS_SOURCE_OF_TRUTH: flag({
    description: "Whether the MRP's product tables are read-only",
    fallback: false,
  }),
};

function date(description: string, fallback: string): Variable<Date> {
  const isDate = (value: string) => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
  return {
    description,
    schema: z
      .string()
      .default(fallback)
      .refine(isDate)
      .transform((value) => new Date(`${value}T00:00:00Z`)),
    allowed: "a date like 2027-01-31",
    fallback,
  };
}

export interface UsageConfig {
  batch: { size: number; maxWaitMs: number };
  delivery: { maxAttempts: number; backoffMs: number; backoffMaxMs: number };
}

interface LegacyConfig {
  mode: "warn" | "gone";
  deprecatedAt: Date;
  sunsetAt: Date;
  successorUrl: string;
  retentionMonths: number;
  plmIsSourceOfTruth: boolean;
  /** Absent: nobody can prove who they are, so nobody is answered. */
  tokens: TokenSettings | undefined;
}

/** Work orders and what belongs to them; durations carry their unit. */
export interface WorkOrderConfig {
  idempotencyTtlMs: number;
  defaultRoutingVersionId: string;
  detailDeadlineMs: number;
  usage: UsageConfig;
  legacy: LegacyConfig;
}

const BACKOFF_MAX_MS = 300_000;

export const workOrderConfigOf = (env: Environment<typeof workOrderVariables>): WorkOrderConfig => ({
  idempotencyTtlMs: env.IDEMPOTENCY_TTL_SECONDS * 1000,
  defaultRoutingVersionId: env.DEFAULT_ROUTING_VERSION_ID,
  detailDeadlineMs: env.WORK_ORDER_DETAIL_DEADLINE_MS,
  usage: {
    batch: { size: env.PLM_USAGE_BATCH_SIZE, maxWaitMs: env.PLM_USAGE_FLUSH_MS },
    delivery: {
      maxAttempts: env.PLM_USAGE_MAX_ATTEMPTS,
      backoffMs: env.PLM_USAGE_BACKOFF_MS,
      backoffMaxMs: BACKOFF_MAX_MS,
    },
  },
  legacy: {
    mode: env.LEGACY_API_MODE,
    deprecatedAt: env.LEGACY_DEPRECATED_AT,
    sunsetAt: env.LEGACY_SUNSET_AT,
    successorUrl: env.LEGACY_SUCCESSOR_URL,
    retentionMonths: env.LEGACY_RETENTION_MONTHS,
    plmIsSourceOfTruth: env.PLM_IS_SOURCE_OF_TRUTH,
    tokens: tokensOf(env),
  },
});

function tokensOf(env: Environment<typeof workOrderVariables>): TokenSettings | undefined {
  const { JWT_SECRET: secret, JWT_JWKS_URL: jwksUrl } = env;
  if (secret === undefined && jwksUrl === undefined) return undefined;
  return { secret, jwksUrl, issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE };
}

/** Which keys sign the tokens has to be one thing or the other. */
export const twoKindsOfKeys = (env: Environment<typeof workOrderVariables>): string | undefined =>
  env.JWT_SECRET !== undefined && env.JWT_JWKS_URL !== undefined
    ? "JWT_SECRET, JWT_JWKS_URL: at most one of them may be given"
    : undefined;
