import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Database } from "../../db/tables.ts";

/** The plan of every statement that runs per receipt or per view, on the newest run: none may read receipts by scanning. */
export async function explainHotQueries(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql<{ id: string; project_id: string; task_id: string }>`
    select run.id, run.project_id, (select id from plms.task_estimates where project_id = run.project_id limit 1) as task_id
    from plms.project_runs as run order by receipts_count desc limit 1`.execute(db);
  const { id = "0", project_id = "0", task_id = "0" } = rows[0] ?? {};
  const hot: Record<string, RawBuilder<unknown>> = {
    "receipts of a message": sql`select * from plms.receipts where run_id = ${id}::bigint and receipt_id = any(array['old-5', 'old-6'])`,
    "what was known of the tasks of a message": sql`select * from plms.run_tasks where run_id = ${id}::bigint and task_id = any(array[${task_id}]::bigint[])`,
    "newest receipts of a run": sql`select * from plms.receipts where run_id = ${id}::bigint order by id desc limit 21`,
    "receipt by its id": sql`select 1 from plms.receipts where run_id = ${id}::bigint and receipt_id = 'old-5'`,
    "charges of the last hour": sql`select * from plms.run_burn_slices where run_id = ${id}::bigint and slice > 1000`,
    "totals by lane": sql`select * from plms.run_lanes where run_id = ${id}::bigint`,
    "tasks of a project": sql`select lane_id, sum(estimated_cost_usd) from plms.task_estimates where project_id = ${project_id}::bigint group by lane_id`,
    "newest prior": sql`select state from plms.estimate_versions where tenant = 'bench' and coalesce(lane_id, -1) = 4200 and coalesce(provider, '') = 'gpt-4' order by id desc limit 1`,
    "firing alerts": sql`select * from plms.alerts where tenant = 'bench' and state = 'firing' order by id desc limit 100`,
  };
  const plans: string[] = [];
  for (const [name, query] of Object.entries(hot)) {
    const { rows: lines } = await sql<{
      "QUERY PLAN": string;
    }>`explain (analyze, costs off, timing off, summary off) ${query}`.execute(db);
    plans.push(`${name}\n${lines.map((line) => `  ${line["QUERY PLAN"]}`).join("\n")}`);
  }
  return `${plans.join("\n")}\n`;
}
