import { sql, type Kysely } from "kysely";

/**
 * What shows a trend within a run, and a tail of dear tasks: sums over the tasks of a lane that have a ratio, by their
 * place in the order of execution. And one alert for each cause, which escalates instead of firing again.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.run_lanes
      add column ratio_cubes double precision not null default 0,
      add column order_sum double precision not null default 0,
      add column order_squares double precision not null default 0,
      add column order_ratios double precision not null default 0`.execute(db);
  await sql`
    alter table plms.alerts drop constraint alerts_kind_check, drop constraint alerts_project_id_kind_period_key,
      add column cause text not null default 'budget' check (cause in ('budget', 'tokens')),
      add check (kind in ('runway_t15', 'runway_t5', 'overrun_20', 'overrun_likely', 'budget_exhausted', 'tokens_exhausted'))`.execute(
    db,
  );
  await sql`update plms.alerts set cause = 'tokens' where kind = 'tokens_exhausted'`.execute(db);
  await sql`
    update plms.alerts set state = 'resolved', resolved_at = now() where state <> 'resolved' and exists (
      select from plms.alerts as newer
      where newer.project_id = alerts.project_id and newer.cause = alerts.cause and newer.state <> 'resolved'
        and newer.id > alerts.id)`.execute(db);
  await sql`alter table plms.alerts alter column cause drop default`.execute(db);
  await sql`create unique index alerts_standing on plms.alerts (project_id, cause) where state <> 'resolved'`.execute(
    db,
  );
  await sql`
    update plms.run_lanes as known set ratio_cubes = seen.cubes, order_sum = seen.x, order_squares = seen.xx,
      order_ratios = seen.xy
    from (
      select run_id, lane_id, sum(ratio ^ 3) as cubes, sum(x) as x, sum(x ^ 2) as xx, sum(x * ratio) as xy
      from (
        select charged.run_id, task.lane_id, task.order_index::float8 as x,
          ln(charged.usd_spent::float8 / task.estimated_cost_usd::float8) as ratio
        from plms.run_tasks as charged join plms.task_estimates as task on task.id = charged.task_id
        where charged.usd_spent > 0 and task.estimated_cost_usd > 0
      ) as charged group by run_id, lane_id
    ) as seen where known.run_id = seen.run_id and known.lane_id = seen.lane_id`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index plms.alerts_standing`.execute(db);
  await sql`delete from plms.alerts where kind = 'overrun_likely' or exists (
    select from plms.alerts as older where older.project_id = alerts.project_id and older.kind = alerts.kind
      and older.period = alerts.period and older.id < alerts.id)`.execute(db);
  await sql`
    alter table plms.alerts drop column cause, drop constraint alerts_kind_check,
      add check (kind in ('runway_t15', 'runway_t5', 'overrun_20', 'budget_exhausted', 'tokens_exhausted')),
      add unique (project_id, kind, period)`.execute(db);
  await sql`
    alter table plms.run_lanes drop column ratio_cubes, drop column order_sum, drop column order_squares,
      drop column order_ratios`.execute(db);
}
