import { z } from "zod";
import { DAY_ALLOWED, isDay } from "../../../lib/day.ts";
import { choice, flag, integer, url, type Environment, type Variable } from "../../../lib/env.ts";

/** Environment of the legacy product API. */
export const legacyVariables = {
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
  return {
    description,
    schema: z
      .string()
      .default(fallback)
      .refine(isDay)
      .transform((value) => new Date(`${value}T00:00:00Z`)),
    allowed: DAY_ALLOWED,
    fallback,
  };
}

/** When the legacy product API and the MRP's product tables go. */
export interface LegacyConfig {
  mode: "warn" | "gone";
  deprecatedAt: Date;
  sunsetAt: Date;
  successorUrl: string;
  retentionMonths: number;
  plmIsSourceOfTruth: boolean;
}

export const legacyConfigOf = (env: Environment<typeof legacyVariables>): LegacyConfig => ({
  mode: env.LEGACY_API_MODE,
  deprecatedAt: env.LEGACY_DEPRECATED_AT,
  sunsetAt: env.LEGACY_SUNSET_AT,
  successorUrl: env.LEGACY_SUCCESSOR_URL,
  retentionMonths: env.LEGACY_RETENTION_MONTHS,
  plmIsSourceOfTruth: env.PLM_IS_SOURCE_OF_TRUTH,
});
