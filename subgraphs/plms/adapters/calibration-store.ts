import type { Inclusion } from "../domain/inclusion.ts";
import type { RunObservation, TaughtRun, UnlearntRun } from "../operations/estimation-ports.ts";
import { createHash } from "node:crypto";
import { sql, type Kysely } from "kysely";
import { notify } from "../../../db/notify.ts";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { canonicalJson } from "../../../lib/canonical-json.ts";
import type { Observation, Prior } from "../domain/prior.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import type { Run } from "../domain/run.ts";
import { EVENTS_CHANNEL, PRIORS_KEY } from "./events.ts";
import { observeReceipts } from "./observations.ts";
import { isVersionOf } from "./prior-store.ts";
import { toRun } from "./rows.ts";
import { runsOf } from "./run-store.ts";

/** What finished runs taught. Priors build on each other, so calibrations wait for each other. */
export function createCalibrationStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Runs that ended before a moment and that nobody has decided about, and those that receipts came for since. */
    undecided: async (endedBefore: Date, limit: number): Promise<string[]> => {
      const { rows } = await sql<{ id: string }>`
        (select run.id, run.completed_at from plms.project_runs as run
        where run.status in ('completed', 'failed', 'cancelled')
          and (run.status <> 'completed' or run.validation_pass is not null or run.kind in ('rehearsal', 'replay'))
          and (run.completed_at < ${endedBefore} or run.tasks_completed + run.tasks_failed >= run.tasks_total)
          and not exists (select from plms.calibrations where run_id = run.id)
        order by run.completed_at, run.id limit ${limit})
        union all
        (select run_id, null from plms.calibrations where is_stale and calibrated_at < ${endedBefore}
        order by run_id limit ${limit})`.execute(db);
      return rows.map(({ id }) => id);
    },
    /** One calibration at a time, whichever process asks; all of it happens, or none. */
    transaction: <T>(work: (session: CalibrationSession) => Promise<T>): Promise<T> =>
      db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(hashtext('plms.calibration'))`.execute(tx);
        return work(sessionIn(tx));
      }),
  };
}

/** What may be done within a transaction. */
export type CalibrationSession = ReturnType<typeof sessionIn>;

const sessionIn = (tx: Kysely<PlmsDatabase>) => ({
  /** The run, unless it has been decided about for all of its receipts; `isAgain` when more have come since. */
  claim: async (runId: string): Promise<{ run: Run; isAgain: boolean } | undefined> => {
    const row = await runsOf(tx)
      .leftJoin("plms.calibrations as known", "known.run_id", "run.id")
      .select("known.is_stale")
      .where("run.id", "=", runId)
      .executeTakeFirst();
    if (!row || row.is_stale === false) return undefined;
    return { run: toRun(row), isAgain: row.is_stale === true };
  },
  /** Takes back the decision about a run and what it taught, for another one. */
  forget: async ({ id }: Run): Promise<void> => {
    await tx.deleteFrom("plms.calibrations").where("run_id", "=", id).execute();
  },
  /** Remembers the decision about a run; returns the newest receipt that counts. */
  decide: (run: Run, decision: Inclusion & { at: Date }): Promise<TaughtRun> => decide(tx, run, decision),
  /** What the receipts of a run show, by lane and provider, by lane, and by provider. */
  observe: (run: TaughtRun): Promise<RunObservation[]> => observeReceipts(tx, run),
  keepObservations: async (
    { runId, tenant, completedAt }: TaughtRun,
    observations: readonly RunObservation[],
  ): Promise<void> => {
    if (observations.length === 0) return;
    const rows = observations.map(({ laneId, provider, tasks, observation }) => ({
      run_id: runId,
      tenant,
      lane_id: laneId,
      provider,
      tasks,
      observation: JSON.stringify(observation),
      completed_at: completedAt,
    }));
    await tx.insertInto("plms.calibration_observations").values(rows).execute();
  },
  /** The newest version of a prior, and when the last run in it ended. */
  newest: async (
    tenant: string,
    key: PriorKey,
  ): Promise<{ prior: Prior; lastCompletedAt: Date } | undefined> => {
    const { rows } = await sql<{ state: Prior; last_completed_at: Date }>`
      select state, last_completed_at from plms.estimate_versions
      where tenant = ${tenant} and ${isVersionOf(key)} order by id desc limit 1`.execute(tx);
    return rows
      .map(({ state, last_completed_at }) => ({ prior: state, lastCompletedAt: last_completed_at }))
      .at(0);
  },
  /** Every observation of a prior by the time its run ended. */
  history: async (tenant: string, key: PriorKey): Promise<Observation[]> => {
    const { rows } = await sql<{ observation: Observation }>`
      select observation from plms.calibration_observations
      where tenant = ${tenant} and ${isOf(key)} order by completed_at, run_id`.execute(tx);
    return rows.map(({ observation }) => observation);
  },
  addVersion: (run: Run, version: { key: PriorKey; prior: Prior; at: Date }): Promise<void> =>
    addVersion(tx, run, version),
  /** Tells the watchers, and how many outliers were pulled in. */
  finish: async ({ id, tenant }: Run, outliers: number): Promise<void> => {
    await tx.updateTable("plms.calibrations").set({ outliers }).where("run_id", "=", id).execute();
    await notify(tx, EVENTS_CHANNEL, { payload: `priors:${tenant}`, key: PRIORS_KEY });
  },
  /** Runs of a tenant that ended and taught nothing, or not all that they could, newest first, at most a hundred. */
  unlearnt: (tenant: string): Promise<UnlearntRun[]> => unlearnt(tx, tenant),
  /** Every run of a tenant that taught, by the time it ended. */
  taught: (tenant: string): Promise<TaughtRun[]> => taught(tx, tenant),
});

/** True of the observations of one key; written so that an index finds "any" as well. */
const isOf = ({ laneId, provider }: PriorKey) => sql`
  ${laneId === null ? sql`lane_id is null` : sql`lane_id = ${laneId}`}
  and ${provider === null ? sql`provider is null` : sql`provider = ${provider}`}`;

async function unlearnt(tx: Kysely<PlmsDatabase>, tenant: string): Promise<UnlearntRun[]> {
  const { rows } = await sql<UnlearntRun>`
      select run.id as "runId", case
          when calibration.run_id is null then 'It waits to be validated, or for its last receipts'
          when calibration.outcome = 'excluded' then calibration.reason
          when calibration.is_stale then 'Receipts came after it was learnt from; they are learnt in a moment'
          else 'None of its receipts tells of a task that succeeded' end as reason
      from plms.project_runs as run
      join plms.projects as project on project.id = run.project_id
      left join plms.calibrations as calibration on calibration.run_id = run.id
      where project.tenant = ${tenant} and run.status in ('completed', 'needs_review', 'failed', 'cancelled')
        and (calibration.run_id is null or calibration.outcome = 'excluded' or calibration.is_stale
          or not exists (select from plms.calibration_observations where run_id = run.id))
      order by run.id desc limit 100`.execute(tx);
  return rows;
}

async function taught(tx: Kysely<PlmsDatabase>, tenant: string): Promise<TaughtRun[]> {
  const { rows } = await sql<{ run_id: string; completed_at: Date; receipts_through: string }>`
      select calibration.run_id, run.completed_at, calibration.receipts_through
      from plms.calibrations as calibration
      join plms.project_runs as run on run.id = calibration.run_id
      join plms.projects as project on project.id = run.project_id
      where project.tenant = ${tenant} and calibration.outcome = 'included'
      order by run.completed_at, run.id`.execute(tx);
  return rows.map((row) => ({
    runId: row.run_id,
    tenant,
    completedAt: row.completed_at,
    receiptsThrough: row.receipts_through,
  }));
}

async function decide(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  decision: Parameters<CalibrationSession["decide"]>[1],
): Promise<TaughtRun> {
  const { rows } = await sql<{ receipts_through: string }>`
    insert into plms.calibrations (run_id, outcome, reason, receipts_through, calibrated_at)
    select ${run.id}, ${decision.isIncluded ? "included" : "excluded"}, ${decision.isIncluded ? null : decision.reason},
      (select coalesce(max(id), 0) from plms.receipts where run_id = ${run.id}), ${decision.at}
    returning receipts_through`.execute(tx);
  return {
    runId: run.id,
    tenant: run.tenant,
    completedAt: run.completedAt ?? decision.at,
    receiptsThrough: rows.at(0)?.receipts_through ?? "0",
  };
}

async function addVersion(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  { key, prior, at }: Parameters<CalibrationSession["addVersion"]>[1],
): Promise<void> {
  const state = canonicalJson(prior);
  await sql`
    insert into plms.estimate_versions (
      tenant, lane_id, provider, source_run_id, project_id, n_observations, tokens_mean, tokens_stddev,
      duration_ms_mean, duration_ms_stddev, cost_usd_mean, cost_usd_stddev, mean_absolute_error_tokens,
      mean_absolute_error_duration_ms, state, priors_hash, last_completed_at, created_at)
    select ${run.tenant}, ${key.laneId}, ${key.provider}, ${run.id}, ${run.projectId}, ${prior.observations},
      ${prior.tokens.perTask.mu}, ${Math.sqrt(prior.tokens.smoothedVariance)},
      ${prior.durationMs.perTask.mu}, ${Math.sqrt(prior.durationMs.smoothedVariance)},
      ${prior.costUsd.perTask.mu}, ${Math.sqrt(prior.costUsd.smoothedVariance)},
      ${prior.tokens.mae}, ${prior.durationMs.mae}, ${state}::jsonb, ${createHash("sha256").update(state).digest("hex")},
      (select max(completed_at) from plms.calibration_observations where tenant = ${run.tenant} and ${isOf(key)}),
      ${at}`.execute(tx);
}
