import type { PriorKey } from "../domain/prior-fallback.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { DriftRun } from "../domain/drift.ts";
import type { LaneFacts } from "../domain/risk.ts";
import type { MetricsLane } from "../domain/project-metrics.ts";
import type { MetricsRun } from "../operations/estimation-ports.ts";

/** What projects show when they are looked at as a whole; reads running totals, never the receipts. */
export function createInsightStore(db: Kysely<PlmsDatabase>) {
  return {
    metrics: async (projectId: string): Promise<{ run: MetricsRun | undefined; lanes: MetricsLane[] }> => {
      const { rows: runs } = await sql<MetricsRun>`
        select id, status, started_at as "startedAt" from plms.project_runs
        where project_id = ${projectId} and kind <> 'rehearsal' and started_at is not null
        order by id desc limit 1`.execute(db);
      return { run: runs.at(0), lanes: await metricsLanes(db, projectId, runs.at(0)?.id ?? "0") };
    },
    /** Undefined when there is no such project. */
    risks: async (projectId: string): Promise<{ tenant: string; lanes: LaneFacts[] } | undefined> => {
      const project = await db
        .selectFrom("plms.projects")
        .select("tenant")
        .where("id", "=", projectId)
        .executeTakeFirst();
      return project && { tenant: project.tenant, lanes: await laneFacts(db, projectId) };
    },
    // Ordered by the provider as well, which is one: else the index is not taken to be in order where it is null.
    /** The newest runs that taught something about a lane, or about one provider in it, oldest first. */
    laneHistory: async (
      tenant: string,
      { laneId, provider }: PriorKey & { laneId: number },
      last: number,
    ): Promise<DriftRun[]> => {
      const { rows } = await sql<DriftRun>`
        select observation.run_id as "runId", run.project_id as "projectId",
          observation.completed_at as "completedAt", (observation #>> '{tokens,logRatio}')::float8 as "logRatio"
        from plms.calibration_observations as observation join plms.project_runs as run on run.id = observation.run_id
        where tenant = ${tenant} and lane_id = ${laneId}
          and ${provider === null ? sql`provider is null` : sql`provider = ${provider}`}
          and observation #>> '{tokens,logRatio}' is not null
        order by provider desc, observation.completed_at desc, observation.run_id desc limit ${last}`.execute(
        db,
      );
      return rows.toReversed();
    },
  };
}

interface MetricsRow {
  lane_id: number;
  tokens: number;
  duration_ms: number;
  cost_usd: number;
  tokens_squared: number;
  duration_ms_squared: number;
  cost_usd_squared: number;
  tokens_learnt: number;
  duration_ms_learnt: number;
  cost_usd_learnt: number;
  tokens_spent: number;
  duration_ms_spent: number;
  usd_spent: number;
}

async function metricsLanes(
  db: Kysely<PlmsDatabase>,
  projectId: string,
  runId: string,
): Promise<MetricsLane[]> {
  const { rows } = await sql<MetricsRow>`
    select task.lane_id,
      sum(task.estimated_tokens)::float8 as tokens, sum(task.estimated_tokens::float8 ^ 2) as tokens_squared,
      sum(task.estimated_duration_ms) as duration_ms, sum(task.estimated_duration_ms ^ 2) as duration_ms_squared,
      sum(task.estimated_cost_usd)::float8 as cost_usd, sum(task.estimated_cost_usd::float8 ^ 2) as cost_usd_squared,
      coalesce(sum(task.estimated_tokens * learnt_tokens_log_ratio) / nullif(sum(task.estimated_tokens), 0), 0) as tokens_learnt,
      coalesce(sum(task.estimated_duration_ms * learnt_duration_log_ratio) / nullif(sum(task.estimated_duration_ms), 0), 0)
        as duration_ms_learnt,
      coalesce(sum(task.estimated_cost_usd::float8 * learnt_cost_log_ratio) / nullif(sum(task.estimated_cost_usd)::float8, 0), 0)
        as cost_usd_learnt,
      coalesce(max(run.tokens_spent), 0)::float8 as tokens_spent,
      coalesce(max(run.duration_ms_spent), 0) as duration_ms_spent,
      coalesce(max(run.usd_spent), 0)::float8 as usd_spent
    from plms.task_estimates as task
    left join plms.run_lanes as run on run.lane_id = task.lane_id and run.run_id = ${runId}
    where task.project_id = ${projectId}
    group by task.lane_id order by task.lane_id`.execute(db);
  return rows.map((row) => ({
    laneId: row.lane_id,
    estimated: { tokens: row.tokens, durationMs: row.duration_ms, costUsd: row.cost_usd },
    estimatedSquared: {
      tokens: row.tokens_squared,
      durationMs: row.duration_ms_squared,
      costUsd: row.cost_usd_squared,
    },
    learntLogRatio: {
      tokens: row.tokens_learnt,
      durationMs: row.duration_ms_learnt,
      costUsd: row.cost_usd_learnt,
    },
    actual: { tokens: row.tokens_spent, durationMs: row.duration_ms_spent, costUsd: row.usd_spent },
  }));
}

async function laneFacts(db: Kysely<PlmsDatabase>, projectId: string): Promise<LaneFacts[]> {
  const { rows } = await sql<LaneFacts>`
    with run as (select id from plms.project_runs where project_id = ${projectId})
    select lane_id as "laneId",
      count(*) filter (where status in ('pending', 'in_progress'))::int as "openTasks",
      coalesce(sum(estimated_cost_usd) filter (where status in ('pending', 'in_progress'))
        / nullif(sum(sum(estimated_cost_usd) filter (where status in ('pending', 'in_progress'))) over (), 0), 0)::float8
        as weight,
      coalesce((select sum(tasks) from plms.run_lanes
        where run_lanes.lane_id = task.lane_id and run_id in (select id from run)), 0)::int as "tasksDone",
      coalesce((select sum(overrun_tasks) from plms.run_lanes
        where run_lanes.lane_id = task.lane_id and run_id in (select id from run)), 0)::int as "tasksOverrun",
      (select count(*) from plms.kpi_receipts
        where kpi_receipts.lane_id = task.lane_id and run_id in (select id from run))::int as "kpisMeasured",
      (select count(*) from plms.kpi_receipts
        where kpi_receipts.lane_id = task.lane_id and run_id in (select id from run) and not pass)::int as "kpisFailed"
    from plms.task_estimates as task where project_id = ${projectId}
    group by lane_id order by lane_id`.execute(db);
  return rows;
}
