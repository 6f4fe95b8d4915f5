import { z } from "zod";
import { choice, flag, integer, text, url, type Environment, type Variable } from "../../../lib/env.ts";

/** Environment of the work orders, their usage events and the legacy product API. */
export const workOrderVariables = {
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
    description:
      "Milliseconds after the first failed delivery; doubles each time up to PLM_USAGE_BACKOFF_MAX_MS",
    min: 10,
    max: 60_000,
    fallback: 1_000,
  }),
  PLM_USAGE_BACKOFF_MAX_MS: integer({
    description: "Longest wait before a failed delivery is repeated",
    min: 10,
    max: 3_600_000,
    fallback: 300_000,
  }),
  PLM_USAGE_DEADLINE_MS: integer({
    description:
      "Milliseconds that a delivery may take; another process takes it over after three times as long",
    min: 10,
    max: 60_000,
    fallback: 10_000,
  }),
  PLM_USAGE_MAX_ATTEMPTS: integer({
    description: "Deliveries of usage events before they become dead letters",
    min: 1,
    max: 1000,
    fallback: 20,
  }),
  PURGE_EVERY_SECONDS: integer({
    description: "How often old rows are removed, at most 5000 of each kind at a time; 0 never",
    min: 0,
    max: 86_400,
    fallback: 300,
  }),
  USAGE_RETENTION_DAYS: integer({
    description:
      "Days that usage events are kept after the PLM has taken them; dead letters stay until they are replayed",
    min: 1,
    max: 3_650,
    fallback: 30,
  }),
  WEBHOOK_ID_RETENTION_DAYS: integer({
    description: "Days that the ids of the PLM's webhooks are kept, so that a repetition is heard once",
    min: 1,
    max: 365,
    fallback: 7,
  }),
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
  /** Milliseconds that one delivery may take: longer than the calls that people wait for. */
  deadlineMs: number;
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
}

/** Work orders and what belongs to them; durations carry their unit. */
export interface WorkOrderConfig {
  defaultRoutingVersionId: string;
  detailDeadlineMs: number;
  usage: UsageConfig;
  /** When old rows are removed; 0 for never. */
  purge: { everyMs: number; usageDays: number; webhookDays: number };
  legacy: LegacyConfig;
}

export const workOrderConfigOf = (env: Environment<typeof workOrderVariables>): WorkOrderConfig => ({
  defaultRoutingVersionId: env.DEFAULT_ROUTING_VERSION_ID,
  detailDeadlineMs: env.WORK_ORDER_DETAIL_DEADLINE_MS,
  usage: {
    deadlineMs: env.PLM_USAGE_DEADLINE_MS,
    batch: { size: env.PLM_USAGE_BATCH_SIZE, maxWaitMs: env.PLM_USAGE_FLUSH_MS },
    delivery: {
      maxAttempts: env.PLM_USAGE_MAX_ATTEMPTS,
      backoffMs: env.PLM_USAGE_BACKOFF_MS,
      backoffMaxMs: env.PLM_USAGE_BACKOFF_MAX_MS,
    },
  },
  purge: {
    everyMs: env.PURGE_EVERY_SECONDS * 1000,
    usageDays: env.USAGE_RETENTION_DAYS,
    webhookDays: env.WEBHOOK_ID_RETENTION_DAYS,
  },
  legacy: {
    mode: env.LEGACY_API_MODE,
    deprecatedAt: env.LEGACY_DEPRECATED_AT,
    sunsetAt: env.LEGACY_SUNSET_AT,
    successorUrl: env.LEGACY_SUCCESSOR_URL,
    retentionMonths: env.LEGACY_RETENTION_MONTHS,
    plmIsSourceOfTruth: env.PLM_IS_SOURCE_OF_TRUTH,
  },
});
