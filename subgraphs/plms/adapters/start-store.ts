import { sql, type Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import { repetitionOf } from "../domain/idempotency.ts";
import type { NewRun, Run } from "../domain/run.ts";
import type { Claim, StartIntent, StartStore } from "../operations/ports.ts";
import { runsOf } from "./run-store.ts";
import { toRun } from "./rows.ts";

type Times = Parameters<StartStore["claim"]>[2];

/** Idempotency keys of `startProject`, each with the run that its first use created. */
export function createStartStore(db: Kysely<Database>): StartStore {
  return {
    claim: (intent, run, times) => db.transaction().execute((tx) => claim(tx, intent, { run, times })),
    release: async (intent, now) => {
      await keyRow(db, intent).set({ locked_until: now }).execute();
    },
  };
}

async function claim(
  tx: Kysely<Database>,
  intent: StartIntent,
  { run, times }: { run: NewRun; times: Times },
): Promise<Claim> {
  // The unique key is the lock: whoever inserts it first goes on, the others wait here until it has committed.
  const inserted = await tx
    .insertInto("plms.idempotency_keys")
    .values({
      ...intent,
      locked_until: times.lockedUntil,
      created_at: times.now,
      expires_at: times.expiresAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows === 1n) return begin(tx, intent, { run, times });
  const earlier = await readEarlier(tx, intent);
  const repetition = repetitionOf(
    {
      fingerprint: earlier.key.fingerprint,
      runStatus: earlier.run.status,
      lockedUntilMs: earlier.key.locked_until.getTime(),
      expiresAtMs: earlier.key.expires_at.getTime(),
    },
    { fingerprint: intent.fingerprint, nowMs: times.now.getTime() },
  );
  if (repetition === "forgotten") return begin(tx, intent, { run, times });
  if (repetition === "done") return { kind: "replayed", run: earlier.run };
  if (repetition !== "unfinished") return { kind: repetition };
  await keyRow(tx, intent).set({ locked_until: times.lockedUntil }).execute();
  return { kind: "submit", run: earlier.run };
}

/** Creates the run and gives it to the key. */
async function begin(
  tx: Kysely<Database>,
  intent: StartIntent,
  { run, times }: { run: NewRun; times: Times },
): Promise<Claim> {
  const { id } = await tx
    .insertInto("plms.project_runs")
    .values({
      project_id: run.projectId,
      kind: run.kind,
      status: "submitting",
      rehearsal_pct: run.rehearsalPct,
      write_sandbox: run.writeSandbox,
      provider_matrix: JSON.stringify(run.providerMatrix),
      tasks_total: run.tasksTotal,
      created_by: run.createdBy,
      created_at: times.now,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await keyRow(tx, intent)
    .set({
      run_id: id,
      fingerprint: intent.fingerprint,
      locked_until: times.lockedUntil,
      created_at: times.now,
      expires_at: times.expiresAt,
    })
    .execute();
  return { kind: "submit", run: await readRun(tx, id) };
}

async function readEarlier(tx: Kysely<Database>, intent: StartIntent) {
  const key = await tx
    .selectFrom("plms.idempotency_keys")
    .selectAll()
    .where(sql<boolean>`(tenant, principal, operation, key) = ${scopeOf(intent)}`)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { key, run: await readRun(tx, key.run_id ?? "0") };
}

const readRun = async (tx: Kysely<Database>, id: string): Promise<Run> =>
  toRun(await runsOf(tx).where("run.id", "=", id).executeTakeFirstOrThrow());

const keyRow = (db: Kysely<Database>, intent: StartIntent) =>
  db
    .updateTable("plms.idempotency_keys")
    .where(sql<boolean>`(tenant, principal, operation, key) = ${scopeOf(intent)}`);

const scopeOf = ({ tenant, principal, operation, key }: StartIntent) =>
  sql`(${tenant}, ${principal}, ${operation}, ${key})`;
