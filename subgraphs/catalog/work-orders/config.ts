import { integer, text, type Environment } from "../../../lib/env.ts";
import { legacyConfigOf, legacyVariables, type LegacyConfig } from "../legacy/config.ts";
import { usageConfigOf, usageVariables, type UsageConfig } from "../usage/config.ts";

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
  ...usageVariables,
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
  ...legacyVariables,
};

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
  usage: usageConfigOf(env),
  purge: {
    everyMs: env.PURGE_EVERY_SECONDS * 1000,
    usageDays: env.USAGE_RETENTION_DAYS,
    webhookDays: env.WEBHOOK_ID_RETENTION_DAYS,
  },
  legacy: legacyConfigOf(env),
});
