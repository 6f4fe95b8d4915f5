import { sql, type Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import { usdFromNumeric } from "../../../lib/usd.ts";
import type { LedgerRun, ProjectLedger } from "../domain/runway.ts";

interface LedgerRow {
  id: string;
  budget_usd_max: string | null;
  estimated_usd: string;
  usd_spent: string;
  estimated_usd_done: string;
  revision: string;
  runs: LedgerRunRow[] | null;
}

interface LedgerRunRow {
  kind: LedgerRun["kind"];
  status: LedgerRun["status"];
  started_at: string;
  estimated_usd_done: number;
  receipts_count: number;
  burn_usd: number;
  burn_at: string | null;
}

/** What projects have spent and what they still have to do, in one statement; money is added up there. */
export async function readLedgers(
  db: Kysely<Database>,
  projectIds: readonly string[],
): Promise<Map<string, ProjectLedger>> {
  const { rows } = await sql<LedgerRow>`
    select project.id, project.budget_usd_max, task.*, run.*
    from plms.projects as project
    cross join lateral (
      select coalesce(sum(estimated_cost_usd), 0) as estimated_usd
      from plms.task_estimates where project_id = project.id
    ) as task
    cross join lateral (
      select
        coalesce(sum(usd_spent), 0) as usd_spent,
        coalesce(sum(estimated_usd_done), 0) as estimated_usd_done,
        coalesce(sum(version), 0) as revision,
        json_agg(json_build_object(
          'kind', kind, 'status', status, 'started_at', started_at, 'estimated_usd_done', estimated_usd_done,
          'receipts_count', receipts_count, 'burn_usd', burn_usd, 'burn_at', burn_at
        )) filter (
          where started_at is not null and (status in ('executing', 'paused', 'validating') or id = newest_work)
        ) as runs
      from (
        select *, max(id) filter (where kind <> 'rehearsal' and started_at is not null) over () as newest_work
        from plms.project_runs where project_id = project.id
      ) as runs_of_project
    ) as run
    where project.id = any(${projectIds}::bigint[])`.execute(db);
  return new Map(rows.map((row) => [row.id, toLedger(row)]));
}

const toLedger = (row: LedgerRow): ProjectLedger => ({
  projectId: row.id,
  usdMax: row.budget_usd_max === null ? null : usdFromNumeric(row.budget_usd_max),
  usdSpent: usdFromNumeric(row.usd_spent),
  estimatedUsd: usdFromNumeric(row.estimated_usd),
  estimatedUsdDone: usdFromNumeric(row.estimated_usd_done),
  revision: Number(row.revision),
  runs: (row.runs ?? []).map((run) => ({
    kind: run.kind,
    status: run.status,
    startedAtMs: Date.parse(run.started_at),
    estimatedUsdDone: run.estimated_usd_done,
    receipts: run.receipts_count,
    burn: { usd: run.burn_usd, atMs: run.burn_at === null ? null : Date.parse(run.burn_at) },
  })),
});
