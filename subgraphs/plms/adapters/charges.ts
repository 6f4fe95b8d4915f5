import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { usdToExactNumeric } from "../../../lib/usd.ts";
import type { Charge, Run } from "../domain/run.ts";
import type { Delivery } from "../operations/ports.ts";

type Strangers = Awaited<ReturnType<Delivery["strangers"]>>;

/** Charges whose task is not of the run's project, or whose lane does not exist. */
export async function strangersAmong(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly Charge[],
): Promise<Strangers> {
  const { rows } = await sql<{ receipt_id: string; is_task: boolean }>`
    select charge.receipt_id, task.id is not null as is_task
    from ${recordset(charges)}
    left join plms.task_estimates as task on task.id = charge.task_id and task.project_id = ${run.projectId}
    left join plms.lanes as lane on lane.id = charge.lane_id
    where task.id is null or lane.id is null`.execute(tx);
  return rows.map(({ receipt_id, is_task }) => ({
    receiptId: receipt_id,
    field: is_task ? "lane_id" : "task_id",
  }));
}

/** Stores the charges that the run does not have yet; of the others, those that say something else are kept aside. */
export async function addCharges(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly Charge[],
): Promise<{ added: Charge[]; conflicting: number }> {
  const { rows } = await sql<{ receipt_id: string }>`
    insert into plms.receipts (
      run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, echo_cos, status, occurred_at)
    select ${run.id}, charge.* from ${recordset(charges)}
    on conflict (run_id, receipt_id) do nothing
    returning receipt_id`.execute(tx);
  const byId = new Map(charges.toReversed().map((charge) => [charge.receiptId, charge]));
  const added = rows.flatMap(({ receipt_id }) => byId.get(receipt_id) ?? []);
  const isAllNew = added.length === charges.length;
  return { added, conflicting: isAllNew ? 0 : await keepConflicts(tx, run, charges) };
}

/** Keeps what was told of known receipts with another task, number of tokens or amount; returns how many those are. */
async function keepConflicts(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  charges: readonly Charge[],
): Promise<number> {
  const { rows } = await sql`
    insert into plms.receipt_conflicts as known (
      run_id, receipt_id, kept_task_id, kept_tokens, kept_usd, told_task_id, told_tokens, told_usd)
    select distinct ${run.id}::bigint, kept.receipt_id, kept.task_id, kept.tokens, kept.cost_usd,
      charge.task_id, charge.tokens, charge.cost_usd
    from ${recordset(charges)}
    join plms.receipts as kept on kept.run_id = ${run.id} and kept.receipt_id = charge.receipt_id
    where (kept.task_id, kept.tokens, kept.cost_usd) is distinct from (charge.task_id, charge.tokens, charge.cost_usd)
    on conflict (run_id, receipt_id, told_task_id, told_tokens, told_usd) do update set
      times = known.times + 1, last_told_at = now()
    returning receipt_id`.execute(tx);
  return rows.length;
}

/** The charges as a table that a statement can read, whatever their number. */
function recordset(charges: readonly Charge[]) {
  const rows = charges.map((charge) => ({
    receipt_id: charge.receiptId,
    task_id: charge.taskId,
    lane_id: charge.laneId,
    provider: charge.provider,
    tokens: charge.tokens,
    duration_ms: charge.durationMs,
    cost_usd: usdToExactNumeric(charge.costUsd),
    echo_cos: charge.echoCos,
    status: charge.status,
    occurred_at: charge.occurredAt.toISOString(),
  }));
  return sql`json_to_recordset(${JSON.stringify(rows)}::json) as charge (
    receipt_id text, task_id bigint, lane_id integer, provider text, tokens bigint, duration_ms double precision,
    cost_usd numeric, echo_cos double precision, status text, occurred_at timestamptz)`;
}
