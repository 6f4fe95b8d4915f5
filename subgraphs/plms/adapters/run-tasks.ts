import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { Charge, Run } from "../domain/run.ts";

/**
 * The tasks of stored charges: what the charges add, and what was known before them (`usd_before`, `had_*`,
 * `is_first`). Reads these charges and one row per task, never the receipts before.
 */
export const chargedTasks = (run: Run, charges: readonly Charge[]) => sql`(
  select charged.*, coalesce(known.usd_spent, 0) as usd_before, known.task_id is null as is_first,
    coalesce(known.has_succeeded, false) as had_succeeded, coalesce(known.has_failed, false) as had_failed
  from (${sumsByTask(run, charges)}) as charged
  left join plms.run_tasks as known on known.run_id = ${run.id} and known.task_id = charged.task_id)`;

/** Adds stored charges to what is known of their tasks, after everything that looks at what was known before. */
export async function addToTasks(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly Charge[],
): Promise<void> {
  await sql`
    insert into plms.run_tasks as known (run_id, task_id, usd_spent, has_succeeded, has_failed)
    select ${run.id}, task_id, usd, has_succeeded, has_failed from (${sumsByTask(run, charges)}) as charged
    on conflict (run_id, task_id) do update set
      usd_spent = known.usd_spent + excluded.usd_spent,
      has_succeeded = known.has_succeeded or excluded.has_succeeded,
      has_failed = known.has_failed or excluded.has_failed`.execute(tx);
}

const sumsByTask = (run: Run, charges: readonly Charge[]) => sql`
  select task_id, sum(cost_usd) as usd, sum(tokens) as tokens, sum(duration_ms) as duration_ms, count(*) as receipts,
    bool_or(status = 'succeeded') as has_succeeded, bool_or(status = 'failed') as has_failed
  from plms.receipts
  where run_id = ${run.id} and receipt_id = any(${charges.map(({ receiptId }) => receiptId)}::text[])
  group by task_id`;
