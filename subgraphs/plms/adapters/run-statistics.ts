import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { sliceOf } from "../domain/burn-window.ts";
import type { TimedCharge } from "../domain/run-clock.ts";
import type { Run } from "../domain/run.ts";
import { addToTasks, chargedTasks } from "./run-tasks.ts";

/**
 * Adds stored charges to what is known by lane and by moment. A task counts once, however often it is charged
 * for: what it contributed before is replaced by what it contributes now.
 */
export async function addToStatistics(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly TimedCharge[],
): Promise<void> {
  await addToLanes(tx, run, charges);
  await addToEchoes(tx, run, charges);
  await addToSlices(tx, run, charges);
  await addToTasks(tx, run, charges);
}

/** An overrun task costs more than this many times its estimate. */
const OVERRUN = 1.2;

async function addToLanes(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly TimedCharge[],
): Promise<void> {
  await sql`
    insert into plms.run_lanes as known (
      run_id, lane_id, tasks, usd_spent, tokens_spent, duration_ms_spent, estimated_usd, estimated_usd_squared,
      estimated_tokens, estimated_duration_ms, overrun_tasks, ratio_count, ratio_sum, ratio_squares, ratio_cubes,
      order_sum, order_squares, order_ratios)
    select ${run.id}, lane_id, count(*) filter (where is_first), sum(usd - usd_before), sum(tokens), sum(duration_ms),
      coalesce(sum(estimated_cost_usd) filter (where is_first), 0),
      coalesce(sum(estimated_cost_usd::float8 ^ 2) filter (where is_first), 0),
      coalesce(sum(estimated_tokens) filter (where is_first), 0),
      coalesce(sum(estimated_duration_ms) filter (where is_first), 0),
      sum((usd > ${OVERRUN}::float8 * estimated_cost_usd)::int - (usd_before > ${OVERRUN}::float8 * estimated_cost_usd)::int),
      count(ratio) - count(ratio_before),
      coalesce(sum(ratio), 0) - coalesce(sum(ratio_before), 0),
      coalesce(sum(ratio ^ 2), 0) - coalesce(sum(ratio_before ^ 2), 0),
      coalesce(sum(ratio ^ 3), 0) - coalesce(sum(ratio_before ^ 3), 0),
      coalesce(sum(place) filter (where ratio is not null), 0) - coalesce(sum(place) filter (where ratio_before is not null), 0),
      coalesce(sum(place ^ 2) filter (where ratio is not null), 0)
        - coalesce(sum(place ^ 2) filter (where ratio_before is not null), 0),
      coalesce(sum(place * ratio), 0) - coalesce(sum(place * ratio_before), 0)
    from (
      select *, order_index::float8 as place,
        case when usd > 0 and estimated_cost_usd > 0 then ln(usd::float8 / estimated_cost_usd::float8) end as ratio,
        case when usd_before > 0 and estimated_cost_usd > 0
          then ln(usd_before::float8 / estimated_cost_usd::float8) end as ratio_before
      from (
        select task_id, usd_before, usd_before + usd as usd, tokens, duration_ms, is_first
        from ${chargedTasks(run, charges)} as added
      ) as charged join plms.task_estimates as task on task.id = charged.task_id
    ) as task group by lane_id
    on conflict (run_id, lane_id) do update set
      tasks = known.tasks + excluded.tasks,
      usd_spent = known.usd_spent + excluded.usd_spent,
      tokens_spent = known.tokens_spent + excluded.tokens_spent,
      duration_ms_spent = known.duration_ms_spent + excluded.duration_ms_spent,
      estimated_usd = known.estimated_usd + excluded.estimated_usd,
      estimated_usd_squared = known.estimated_usd_squared + excluded.estimated_usd_squared,
      estimated_tokens = known.estimated_tokens + excluded.estimated_tokens,
      estimated_duration_ms = known.estimated_duration_ms + excluded.estimated_duration_ms,
      overrun_tasks = known.overrun_tasks + excluded.overrun_tasks,
      ratio_count = known.ratio_count + excluded.ratio_count,
      ratio_sum = known.ratio_sum + excluded.ratio_sum,
      ratio_squares = known.ratio_squares + excluded.ratio_squares,
      ratio_cubes = known.ratio_cubes + excluded.ratio_cubes,
      order_sum = known.order_sum + excluded.order_sum,
      order_squares = known.order_squares + excluded.order_squares,
      order_ratios = known.order_ratios + excluded.order_ratios`.execute(tx);
}

/** After the lanes are known: every receipt that tells of a similarity counts on its own. */
async function addToEchoes(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly TimedCharge[],
): Promise<void> {
  if (charges.every(({ echoCos }) => echoCos === null)) return;
  await sql`
    update plms.run_lanes as known set
      echo_count = echo_count + told.receipts, echo_sum = echo_sum + told.total,
      echo_least = least(echo_least, told.least)
    from (
      select task.lane_id, count(echo_cos)::int as receipts, sum(echo_cos) as total, min(echo_cos) as least
      from plms.receipts join plms.task_estimates as task on task.id = receipts.task_id
      where run_id = ${run.id} and receipt_id = any(${charges.map(({ receiptId }) => receiptId)}::text[])
        and echo_cos is not null
      group by task.lane_id
    ) as told where known.run_id = ${run.id} and known.lane_id = told.lane_id`.execute(tx);
}

async function addToSlices(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly TimedCharge[],
): Promise<void> {
  const rows = charges.map(({ atMs, costUsd }) => ({ slice: sliceOf(atMs), usd: costUsd }));
  await sql`
    insert into plms.run_burn_slices as known (run_id, slice, usd, usd_charged, usd_squares)
    select ${run.id}, slice, sum(usd), sum(greatest(usd, 0)), sum(greatest(usd, 0) ^ 2)
    from json_to_recordset(${JSON.stringify(rows)}::json) as charge (slice bigint, usd double precision)
    group by slice
    on conflict (run_id, slice) do update set
      usd = known.usd + excluded.usd,
      usd_charged = known.usd_charged + excluded.usd_charged,
      usd_squares = known.usd_squares + excluded.usd_squares`.execute(tx);
}
