import { integer, type Environment } from "../../../lib/env.ts";

/** Environment of the deliveries of usage to the PLM. */
export const usageVariables = {
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
};

/** How usage is delivered; durations carry their unit. */
export interface UsageConfig {
  /** Milliseconds that one delivery may take: longer than the calls that people wait for. */
  deadlineMs: number;
  batch: { size: number; maxWaitMs: number };
  delivery: { maxAttempts: number; backoffMs: number; backoffMaxMs: number };
}

export const usageConfigOf = (env: Environment<typeof usageVariables>): UsageConfig => ({
  deadlineMs: env.PLM_USAGE_DEADLINE_MS,
  batch: { size: env.PLM_USAGE_BATCH_SIZE, maxWaitMs: env.PLM_USAGE_FLUSH_MS },
  delivery: {
    maxAttempts: env.PLM_USAGE_MAX_ATTEMPTS,
    backoffMs: env.PLM_USAGE_BACKOFF_MS,
    backoffMaxMs: env.PLM_USAGE_BACKOFF_MAX_MS,
  },
});
