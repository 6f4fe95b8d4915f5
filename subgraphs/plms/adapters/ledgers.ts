import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { roundUsd, usdFromNumeric } from "../../../lib/usd.ts";
import { runClockMs, type LedgerLane, type LedgerRun, type ProjectLedger } from "../domain/budget-ledger.ts";
import { SLICE_MS } from "../domain/burn-window.ts";

interface LedgerRow {
  id: string;
  tenant: string;
  budget_usd_max: string | null;
  warning_at: number;
  critical_at: number;
  standing: ProjectLedger["standing"];
  usd_spent: string;
  revision: string;
  lanes: LedgerLane[] | null;
  runs: LedgerRunRow[] | null;
}

interface LedgerRunRow extends Pick<LedgerRun, "kind" | "status" | "pausedMs" | "receipts"> {
  startedAt: string;
  pausedAt: string | null;
  burnUsd: number;
  burnAt: string | null;
  slices: { slice: number; usd: number; usdCharged: number; usdSquares: number }[] | null;
  lanes:
    | (Omit<LedgerRun["lanes"][number], "ratios"> & { n: number; sum: number; sumOfSquares: number })[]
    | null;
}

/** The longest window, in slices. */
const SLICES_READ = 3_600_000 / SLICE_MS;

/**
 * What projects have spent and what they still have to do, in one statement; money is added up there. Reads
 * running totals and the last hour's slices, never the receipts, so that its cost does not grow with them.
 */
export async function readLedgers(
  db: Kysely<PlmsDatabase>,
  projectIds: readonly string[],
  now: Date,
): Promise<Map<string, ProjectLedger>> {
  const { rows } = await sql<LedgerRow>`
    select project.id, project.tenant, project.budget_usd_max, project.warning_at, project.critical_at, runway.status as standing, task.lanes, run.*
    from plms.projects as project
    left join plms.project_runways as runway on runway.project_id = project.id
    cross join lateral (
      select json_agg(json_build_object(
        'laneId', lane.id, 'maxConcurrent', lane.max_concurrent, 'tasks', tasks,
        'estimatedUsd', estimated, 'estimatedUsdSquared', squared, 'learntLogRatio', learnt,
        'orderSum', places)) as lanes
      from (
        select lane_id, count(*) as tasks, sum(estimated_cost_usd) as estimated,
          sum(estimated_cost_usd::float8 ^ 2) as squared, sum(order_index) as places,
          coalesce(sum(estimated_cost_usd::float8 * learnt_cost_log_ratio) / nullif(sum(estimated_cost_usd)::float8, 0), 0) as learnt
        from plms.task_estimates where project_id = project.id group by lane_id
      ) as of_lane join plms.lanes as lane on lane.id = of_lane.lane_id
    ) as task
    cross join lateral (
      select
        coalesce(sum(usd_spent), 0) as usd_spent,
        coalesce(sum(version), 0) as revision,
        json_agg(json_build_object(
          'kind', kind, 'status', status, 'startedAt', started_at, 'pausedAt', paused_at, 'pausedMs', paused_ms,
          'receipts', receipts_count, 'burnUsd', burn_usd, 'burnAt', burn_at,
          'slices', (${slicesOfRun(now)}), 'lanes', (${lanesOfRun})
        )) filter (
          where started_at is not null and (status in ('executing', 'paused', 'validating') or id = newest_work)
        ) as runs
      from (
        select *, max(id) filter (where kind <> 'rehearsal' and started_at is not null) over () as newest_work
        from plms.project_runs where project_id = project.id
      ) as runs_of_project
    ) as run
    where project.id = any(${projectIds}::bigint[])`.execute(db);
  return new Map(rows.map((row) => [row.id, toLedger(row, now.getTime())]));
}

const slicesOfRun = (now: Date) => sql`
  select json_agg(json_build_object(
    'slice', slice, 'usd', usd, 'usdCharged', usd_charged, 'usdSquares', usd_squares))
  from plms.run_burn_slices where run_id = runs_of_project.id and slice > floor(greatest(
    extract(epoch from coalesce(paused_at, ${now}::timestamptz)) * 1000 - paused_ms,
    extract(epoch from burn_at) * 1000) / ${SLICE_MS}::float8) - ${SLICES_READ}::float8`;

const lanesOfRun = sql`
  select json_agg(json_build_object(
    'laneId', lane_id, 'tasks', tasks, 'usdSpent', usd_spent, 'estimatedUsd', estimated_usd,
    'estimatedUsdSquared', estimated_usd_squared, 'n', ratio_count, 'sum', ratio_sum, 'sumOfSquares', ratio_squares,
    'ratioCubes', ratio_cubes, 'order', json_build_object('x', order_sum, 'xx', order_squares, 'xy', order_ratios)))
  from plms.run_lanes where run_id = runs_of_project.id`;

const toLedger = (row: LedgerRow, nowMs: number): ProjectLedger => ({
  projectId: row.id,
  tenant: row.tenant,
  usdMax: row.budget_usd_max === null ? null : usdFromNumeric(row.budget_usd_max),
  alarms: { warningAt: row.warning_at, criticalAt: row.critical_at },
  usdSpent: roundUsd(usdFromNumeric(row.usd_spent)),
  revision: Number(row.revision),
  standing: row.standing,
  lanes: row.lanes ?? [],
  runs: (row.runs ?? []).map((run) => toLedgerRun(run, nowMs)),
});

function toLedgerRun(row: LedgerRunRow, nowMs: number): LedgerRun {
  const { startedAt, pausedAt, burnUsd, burnAt, slices, lanes, ...same } = row;
  const run: LedgerRun = {
    ...same,
    startedAtMs: Date.parse(startedAt),
    pausedAtMs: pausedAt === null ? null : Date.parse(pausedAt),
    burn: { usd: burnUsd, atMs: burnAt === null ? null : Date.parse(burnAt) },
    slices: [],
    lanes: (lanes ?? []).map(({ n, sum, sumOfSquares, ...lane }) => ({
      ...lane,
      ratios: { n, sum, sumOfSquares },
    })),
  };
  const clockMs = runClockMs(run, nowMs);
  return {
    ...run,
    // A slice counts as if all of it had been charged in its middle.
    slices: (slices ?? []).map(({ slice, ...sums }) => ({
      ...sums,
      ageMs: Math.max(0, clockMs - (slice + 0.5) * SLICE_MS),
    })),
  };
}
