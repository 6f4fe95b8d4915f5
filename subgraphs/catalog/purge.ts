import { type Kysely, type RawBuilder, sql } from "kysely";
import type { CatalogDatabase } from "../../db/tables/catalog.ts";
import { Counter } from "prom-client";
import { startRounds } from "../kit/rounds.ts";
import type { CatalogDeps } from "./deps.ts";

export interface PurgeRules {
  /** Days that delivered usage events are kept; dead letters and what waits are never removed. */
  usageDays: number;
  /** Days that the ids of webhooks are kept; longer than the PLM repeats one. */
  webhookDays: number;
}

/** Rows that were removed. */
export interface Purged {
  usageEvents: number;
  usageBatches: number;
  idempotencyKeys: number;
  webhookIds: number;
}

const DAY_MS = 86_400_000;
/** Most rows of a kind at a time: a short transaction, however much there is; the rest goes with the next one. */
const ROWS_AT_A_TIME = 5_000;

/** Removes what is not needed any more, a bounded number of rows of each kind. */
export async function purge(db: Kysely<CatalogDatabase>, rules: PurgeRules, now: Date): Promise<Purged> {
  const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const { usageDays, webhookDays } = rules;
  return {
    usageEvents: await remove(db, {
      from: sql`catalog.usage_events`,
      where: sql`status = 'delivered' and settled_at < ${before(usageDays)}`,
    }),
    usageBatches: await remove(db, {
      from: sql`catalog.usage_batches`,
      where: sql`status = 'closed' and created_at < ${before(usageDays)}
        and not exists (select from catalog.usage_events where batch_id = usage_batches.id)`,
    }),
    idempotencyKeys: await remove(db, {
      from: sql`catalog.idempotency_keys`,
      where: sql`expires_at < ${now}`,
    }),
    webhookIds: await remove(db, {
      from: sql`catalog.plm_webhooks`,
      where: sql`received_at < ${before(webhookDays)}`,
    }),
  };
}

/** Rows that another replica removes just now are left to it. */
async function remove(
  db: Kysely<CatalogDatabase>,
  { from, where }: { from: RawBuilder<unknown>; where: RawBuilder<unknown> },
): Promise<number> {
  const chosen = sql`select ctid from ${from} where ${where} limit ${ROWS_AT_A_TIME} for update skip locked`;
  const { numAffectedRows } = await sql`delete from ${from} where ctid = any (array(${chosen}))`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Removes old rows every so often, in whichever replica comes first. */
export function startPurge(config: PurgeRules & { everyMs: number }, deps: CatalogDeps) {
  const { db, clock, log, registry } = deps;
  const removed = new Counter({
    name: "purged_rows_total",
    help: "Rows that were removed because nobody needs them any more, by kind",
    labelNames: ["kind"],
    registers: [registry],
  });
  const rounds = startRounds({
    everyMs: config.everyMs,
    round: async () => {
      for (const [kind, rows] of Object.entries(await purge(db, config, clock.now())))
        removed.inc({ kind }, rows);
    },
    onError: (error) => log.error({ err: error }, "old rows could not be removed"),
  });
  return { close: () => rounds.close() };
}
