import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { repetitionOf, type StartIntent } from "../domain/idempotency.ts";
import type { Run } from "../domain/run.ts";
import type { PlannedRun } from "../operations/control-ports.ts";
import type { Claim } from "../operations/ports.ts";
import { insertPassport } from "./passport-store.ts";
import { runsOf } from "./run-store.ts";
import { toRun } from "./rows.ts";

interface Times {
  now: Date;
  lockedUntil: Date;
  expiresAt: Date;
}

/** Idempotency keys of `startProject`, each with the run that its first use created. */
export function createStartStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Atomically: remembers the intent together with its new run, or finds what an earlier call made of it. */
    claim: (intent: StartIntent, planned: PlannedRun, times: Times): Promise<Claim> =>
      db
        .transaction()
        .execute((tx) => claim(tx, intent, { planned, times }))
        .catch((error: unknown) => {
          if (error instanceof Refusal) return { kind: "refused", why: error.message };
          throw error;
        }),
    /** Lets the next caller with this key try at once. */
    release: async (intent: StartIntent, now: Date): Promise<void> => {
      await keyRow(db, intent).set({ locked_until: now }).execute();
    },
    /** Binds a key that has no run of its own to a fingerprint; false when it is bound to another. */
    bind: (intent: StartIntent, times: { now: Date; expiresAt: Date }): Promise<boolean> =>
      bind(db, intent, times),
  };
}

async function claim(
  tx: Kysely<PlmsDatabase>,
  intent: StartIntent,
  { planned, times }: { planned: PlannedRun; times: Times },
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
  if (inserted.numInsertedOrUpdatedRows === 1n) return begin(tx, intent, { planned, times });
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
  if (repetition === "forgotten") return begin(tx, intent, { planned, times });
  const { expires_at: expiresAt } = earlier.key;
  if (repetition === "done") return { kind: "replayed", run: earlier.run, expiresAt };
  if (repetition !== "unfinished") return { kind: repetition };
  await keyRow(tx, intent).set({ locked_until: times.lockedUntil }).execute();
  return { kind: "submit", run: earlier.run, expiresAt };
}

/** Rolls the transaction back, so that the key stays free. */
class Refusal extends Error {}

/** @throws Refusal when the budget or another run stands in the way */
async function refuseHopeless(tx: Kysely<PlmsDatabase>, { run, allowConcurrent }: PlannedRun): Promise<void> {
  // Starts of one project take turns, so that two of them cannot both find that no other run goes on.
  const project = await tx
    .selectFrom("plms.projects")
    .select(["budget_usd_max", "budget_tokens_max"])
    .where("id", "=", run.projectId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const { rows } = await sql<{ usd: string; tokens: string; baseline: string | null }>`
    select round(coalesce(sum(usd_spent), 0), 6) as usd, coalesce(sum(tokens_spent), 0) as tokens,
      max(id) filter (where kind = 'baseline' and status in ('submitting', 'executing', 'paused', 'validating')) as baseline
    from plms.project_runs where project_id = ${run.projectId}`.execute(tx);
  const [spent] = rows;
  if (!spent) return;
  const isUsedUp = (used: string, max: string | null) => max !== null && Number(used) >= Number(max);
  if (isUsedUp(spent.usd, project.budget_usd_max)) {
    throw new Refusal(
      `The budget is used up: ${Number(spent.usd)} of ${Number(project.budget_usd_max)} USD are spent; raise it with updateProjectBudget first`,
    );
  }
  if (isUsedUp(spent.tokens, project.budget_tokens_max)) {
    throw new Refusal(
      `The budget is used up: ${spent.tokens} of ${project.budget_tokens_max} tokens are used; raise it with updateProjectBudget first`,
    );
  }
  if (run.kind !== "baseline" || allowConcurrent || spent.baseline === null) return;
  throw new Refusal(
    `Run ${spent.baseline} of this project is not over; wait for it, cancel it, or start with allowConcurrent: true`,
  );
}

/** Creates the run and gives it to the key. */
async function begin(
  tx: Kysely<PlmsDatabase>,
  intent: StartIntent,
  { planned, times }: { planned: PlannedRun; times: Times },
): Promise<Claim> {
  await refuseHopeless(tx, planned);
  const id = await insertRun(tx, planned, times.now);
  await keyRow(tx, intent)
    .set({
      run_id: id,
      fingerprint: intent.fingerprint,
      locked_until: times.lockedUntil,
      created_at: times.now,
      expires_at: times.expiresAt,
    })
    .execute();
  return { kind: "submit", run: await readRun(tx, id), expiresAt: times.expiresAt };
}

async function insertRun(
  tx: Kysely<PlmsDatabase>,
  { run, passport }: PlannedRun,
  now: Date,
): Promise<string> {
  const { id } = await tx
    .insertInto("plms.project_runs")
    .values({
      project_id: run.projectId,
      kind: run.kind,
      status: "submitting",
      rehearsal_pct: run.rehearsalPct,
      strata_coverage: run.strataCoverage,
      sample_seed: run.sampleSeed,
      write_sandbox: run.writeSandbox,
      is_observed: run.isObserved,
      budget_tokens: run.caps.tokens,
      budget_duration_minutes: run.caps.durationMinutes,
      provider_matrix: JSON.stringify(run.providerMatrix),
      tasks_total: run.tasksTotal,
      created_by: run.createdBy,
      created_at: now,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  await insertPassport(tx, id, { passport, now });
  return id;
}

/** A key without a run: whoever comes first decides its fingerprint until it expires. */
async function bind(
  db: Kysely<PlmsDatabase>,
  intent: StartIntent,
  times: { now: Date; expiresAt: Date },
): Promise<boolean> {
  const { rows } = await sql<{ fingerprint: string }>`
    insert into plms.idempotency_keys as known
      (tenant, principal, operation, key, fingerprint, locked_until, created_at, expires_at)
    values (${intent.tenant}, ${intent.principal}, ${intent.operation}, ${intent.key}, ${intent.fingerprint},
      ${times.now}, ${times.now}, ${times.expiresAt})
    on conflict (tenant, principal, operation, key) do update set
      fingerprint = case when known.expires_at <= ${times.now} then excluded.fingerprint else known.fingerprint end,
      expires_at = case when known.expires_at <= ${times.now} then excluded.expires_at else known.expires_at end
    returning fingerprint`.execute(db);
  return rows[0]?.fingerprint === intent.fingerprint;
}

async function readEarlier(tx: Kysely<PlmsDatabase>, intent: StartIntent) {
  const key = await tx
    .selectFrom("plms.idempotency_keys")
    .selectAll()
    .where(sql<boolean>`(tenant, principal, operation, key) = ${scopeOf(intent)}`)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return { key, run: await readRun(tx, key.run_id ?? "0") };
}

const readRun = async (tx: Kysely<PlmsDatabase>, id: string): Promise<Run> =>
  toRun(await runsOf(tx).where("run.id", "=", id).executeTakeFirstOrThrow());

const keyRow = (db: Kysely<PlmsDatabase>, intent: StartIntent) =>
  db
    .updateTable("plms.idempotency_keys")
    .where(sql<boolean>`(tenant, principal, operation, key) = ${scopeOf(intent)}`);

const scopeOf = ({ tenant, principal, operation, key }: StartIntent) =>
  sql`(${tenant}, ${principal}, ${operation}, ${key})`;
