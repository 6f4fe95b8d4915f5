import type { ById, Page } from "../operations/ports.ts";
import type { ProjectLedger } from "../domain/budget-ledger.ts";
import type { Receipt, ReceiptConflict, Run } from "../domain/run.ts";
import type { PageRequest } from "../../kit/pagination.ts";
import { sql, type Kysely, type Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { tellOfRun } from "./events.ts";
import { readLedgers } from "./ledgers.ts";
import { pagesByParent } from "./pages-by-parent.ts";
import { toReceipt, toReceiptConflict, toRun, type ReceiptRow, type RunRow } from "./rows.ts";

/** Runs, their receipts, and what they add up to. */
export function createRunStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Of every tenant: the caller checks `tenant`. */
    byIds: async (ids: readonly string[]): Promise<Run[]> =>
      (
        await runsOf(db)
          .where("run.id", "in", [...ids])
          .execute()
      ).map(toRun),
    /** The same for the executor's own id. */
    byExecutorRunId: async (executorRunId: string): Promise<Run | undefined> => {
      const row = await runsOf(db).where("run.executor_run_id", "=", executorRunId).executeTakeFirst();
      return row && toRun(row);
    },
    /** Newest first, by project. */
    byProjects: (projectIds: readonly string[], { first, after }: PageRequest): Promise<ById<Page<Run>>> =>
      pagesByParent(db, {
        parentIds: projectIds,
        parentType: "bigint",
        items: sql`
          select run.*, project.tenant, row_number() over (order by run.id desc) as page_position
          from plms.project_runs as run join plms.projects as project on project.id = run.project_id
          where run.project_id = parent.id and (${after ?? null}::bigint is null or run.id < ${after ?? null})
          order by run.id desc limit ${first + 1}`,
        total: sql`select count(*) from plms.project_runs where project_id = parent.id`,
        toItem: (row: RunRow) => toRun(row),
      }),
    /** Newest first, by run. */
    receipts: (runIds: readonly string[], { first, after }: PageRequest): Promise<ById<Page<Receipt>>> =>
      pagesByParent(db, {
        parentIds: runIds,
        parentType: "bigint",
        items: sql`
          select *, row_number() over (order by id desc) as page_position from plms.receipts
          where run_id = parent.id and (${after ?? null}::bigint is null or id < ${after ?? null})
          order by id desc limit ${first + 1}`,
        total: sql`select receipts_count from plms.project_runs where id = parent.id`,
        toItem: (row: ReceiptRow) => toReceipt(row),
      }),
    /** Receipts that came again with other figures, newest first, at most a hundred by run. */
    receiptConflicts: (runIds: readonly string[]): Promise<ById<ReceiptConflict[]>> =>
      receiptConflicts(db, runIds),
    ledgers: (projectIds: readonly string[], now: Date): Promise<ById<ProjectLedger>> =>
      readLedgers(db, projectIds, now),
    /** Notes that the executor has the run, unless that was noted before; rehearsals leave the project as it is. */
    markExecuting: (runId: string, job: { executorRunId: string; startedAt: Date }): Promise<Run> =>
      db.transaction().execute((tx) => markExecuting(tx, runId, job)),
  };
}

/** Runs with the tenant of their project. */
export const runsOf = (db: Kysely<PlmsDatabase>) =>
  db
    .selectFrom("plms.project_runs as run")
    .innerJoin("plms.projects as project", "project.id", "run.project_id")
    .selectAll("run")
    .select("project.tenant");

const MOST_CONFLICTS = 100;

async function receiptConflicts(db: Kysely<PlmsDatabase>, runIds: readonly string[]) {
  const { rows } = await sql<Selectable<PlmsDatabase["plms.receipt_conflicts"]>>`
    select conflict.* from unnest(${runIds}::bigint[]) as parent (id) cross join lateral (
      select * from plms.receipt_conflicts where run_id = parent.id order by id desc limit ${MOST_CONFLICTS}
    ) as conflict`.execute(db);
  return Map.groupBy(rows.map(toReceiptConflict), ({ runId }) => runId);
}

async function markExecuting(
  tx: Kysely<PlmsDatabase>,
  runId: string,
  job: { executorRunId: string; startedAt: Date },
): Promise<Run> {
  const marked = await tx
    .updateTable("plms.project_runs")
    .set({ status: "executing", executor_run_id: job.executorRunId, started_at: job.startedAt })
    .set(({ eb }) => ({ version: eb("version", "+", "1") }))
    .where("id", "=", runId)
    .where("status", "=", "submitting")
    .executeTakeFirst();
  const run = toRun(await runsOf(tx).where("run.id", "=", runId).executeTakeFirstOrThrow());
  if (marked.numUpdatedRows === 0n) return run;
  if (run.kind !== "rehearsal") {
    await tx
      .updateTable("plms.projects")
      .set({ status: "executing" })
      .where("id", "=", run.projectId)
      .execute();
  }
  await tellOfRun(tx, run);
  return run;
}
