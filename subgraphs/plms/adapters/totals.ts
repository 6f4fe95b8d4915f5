import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { Burn } from "../domain/burn.ts";
import type { Charge, Run } from "../domain/run.ts";
import { chargedTasks } from "./run-tasks.ts";

/**
 * Adds stored charges to the totals of their run. A task may be charged for several times: it is completed
 * when any attempt succeeded and failed when attempts failed and none succeeded, in whatever order they are
 * told; its estimate counts once. A rehearsal does not do the project's work, so its tasks keep their state.
 */
export async function addToTotals(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  { charges, burn }: { charges: readonly Charge[]; burn: Burn },
): Promise<void> {
  await sql`
    with task as (
      select *,
        has_succeeded or had_succeeded as completed,
        (has_failed or had_failed) and not (has_succeeded or had_succeeded) as failed,
        had_succeeded as was_completed,
        had_failed and not had_succeeded as was_failed
      from ${chargedTasks(run, charges)} as charged
    ), marked as (
      update plms.task_estimates as estimate
      set status = case when completed then 'completed' when failed then 'failed' else 'blocked' end
      from task where estimate.id = task.task_id and ${run.kind} <> 'rehearsal'
    )
    update plms.project_runs set
      tasks_completed = tasks_completed + changed.completed,
      tasks_failed = tasks_failed + changed.failed,
      estimated_usd_done = estimated_usd_done + changed.estimated_usd,
      usd_spent = usd_spent + spent.usd,
      tokens_spent = tokens_spent + spent.tokens,
      receipts_count = receipts_count + spent.receipts,
      burn_usd = ${burn.usd},
      burn_at = ${burn.atMs === null ? null : new Date(burn.atMs)},
      version = version + 1
    from (
      select
        coalesce(sum(completed::int - was_completed::int), 0) as completed,
        coalesce(sum(failed::int - was_failed::int), 0) as failed,
        coalesce(sum(estimated_cost_usd) filter (where is_first), 0) as estimated_usd
      from task join plms.task_estimates on task_estimates.id = task.task_id
    ) as changed, (
      select sum(usd) as usd, sum(tokens) as tokens, sum(receipts) as receipts from task
    ) as spent
    where id = ${run.id}`.execute(tx);
}
