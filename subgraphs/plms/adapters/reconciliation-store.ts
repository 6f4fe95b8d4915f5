import type { Run } from "../domain/run.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { StartIntent } from "../domain/idempotency.ts";
import { toRun } from "./rows.ts";
import { runsOf } from "./run-store.ts";

/** Runs whose fate is unsettled, and what is no longer needed. */
export function createReconciliationStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Runs of every tenant that the executor should be working on, least recently looked at first. */
    underWay: (limit: number): Promise<Run[]> => takeUnderWay(db, limit),
    /** Runs that were left submitting and whose lease has ended. */
    abandoned: async (now: Date, limit: number): Promise<Run[]> => {
      const rows = await runsOf(db)
        .innerJoin("plms.idempotency_keys as known", "known.run_id", "run.id")
        .where("run.status", "=", "submitting")
        .where("known.locked_until", "<=", now)
        .orderBy("known.locked_until")
        .limit(limit)
        .execute();
      return rows.map(toRun);
    },
    /** Takes over the lease of an abandoned run; undefined when somebody else was faster. */
    takeOver: async (
      runId: string,
      { now, lockedUntil }: { now: Date; lockedUntil: Date },
    ): Promise<StartIntent | undefined> =>
      db
        .updateTable("plms.idempotency_keys")
        .set({ locked_until: lockedUntil })
        .where("run_id", "=", runId)
        .where("locked_until", "<=", now)
        .returning(["tenant", "principal", "operation", "key", "fingerprint"])
        .executeTakeFirst(),
    /** Executing runs that are over one of their own limits and were not stopped for it before. */
    overCaps: (
      now: Date,
      limit: number,
    ): Promise<{ run: Run; exceeded: string; policy: "pause" | "ask" | "kill" }[]> =>
      overCaps(db, now, limit),
    noteCapsEnforced: async (runId: string, at: Date): Promise<void> => {
      await db
        .updateTable("plms.project_runs")
        .set({ caps_enforced_at: at })
        .where("id", "=", runId)
        .execute();
    },
    /** Forgets expired idempotency keys without a run under way, and messages received before `inboxBefore`. */
    purge: async (now: Date, inboxBefore: Date): Promise<{ keys: number; messages: number }> => ({
      keys: await purgeKeys(db, now),
      messages: await purgeMessages(db, inboxBefore),
    }),
  };
}

/** Notes that they are being looked at, so that a crowd of runs takes turns. */
async function takeUnderWay(db: Kysely<PlmsDatabase>, limit: number) {
  const { rows } = await sql<{ id: string }>`
    update plms.project_runs set checked_at = now() where id in (
      select id from plms.project_runs
      where status in ('executing', 'paused') and executor_run_id is not null and not is_observed
      order by checked_at nulls first limit ${limit}
    ) returning id`.execute(db);
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  return (await runsOf(db).where("run.id", "in", ids).execute()).map(toRun);
}

async function overCaps(db: Kysely<PlmsDatabase>, now: Date, limit: number) {
  const minutes = sql<number>`extract(epoch from ${now}::timestamptz - run.started_at) / 60 - run.paused_ms / 60000`;
  const rows = await runsOf(db)
    .select("project.breach_policy")
    .select(sql<boolean>`run.tokens_spent >= run.budget_tokens`.as("is_over_tokens"))
    .where("run.status", "=", "executing")
    .where("run.caps_enforced_at", "is", null)
    .where(sql<boolean>`(run.tokens_spent >= run.budget_tokens or ${minutes} >= run.budget_duration_minutes)`)
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    run: toRun(row),
    exceeded: row.is_over_tokens
      ? `${row.tokens_spent} of ${row.budget_tokens} tokens`
      : `${row.budget_duration_minutes} minutes`,
    policy: row.breach_policy,
  }));
}

const purgeKeys = (db: Kysely<PlmsDatabase>, now: Date): Promise<number> =>
  inBatches(
    () =>
      sql`
      delete from plms.idempotency_keys where (tenant, principal, operation, key) in (
        select tenant, principal, operation, key from plms.idempotency_keys as known
        where known.expires_at <= ${now} and not exists (
          select from plms.project_runs as run
          where run.id = known.run_id and run.status in ('submitting', 'executing', 'paused', 'validating'))
        limit ${BATCH} for update of known skip locked)`.execute(db),
    BATCH,
  );

const purgeMessages = (db: Kysely<PlmsDatabase>, before: Date): Promise<number> =>
  inBatches(
    () =>
      sql`
      delete from plms.webhook_inbox where webhook_id in (
        select webhook_id from plms.webhook_inbox where received_at < ${before}
        order by received_at limit ${BATCH} for update skip locked)`.execute(db),
    BATCH,
  );

/** So few that nobody waits longer than a moment for one of them, in a transaction each. */
const BATCH = 5_000;

/** Repeats a statement that deletes at most so many rows until it finds fewer; returns how many it deleted. */
async function inBatches(
  deleteSome: () => Promise<{ numAffectedRows?: bigint | undefined }>,
  most: number,
): Promise<number> {
  let deleted = 0;
  for (;;) {
    const some = Number((await deleteSome()).numAffectedRows ?? 0);
    deleted += some;
    if (some < most) return deleted;
  }
}
