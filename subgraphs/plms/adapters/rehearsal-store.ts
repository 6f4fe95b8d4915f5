import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { Actual } from "../domain/rehearsal.ts";

interface ActualRow extends Actual {
  task_id: string;
}

/** What tasks came to in the newest rehearsal that ran them. */
export function createRehearsalStore(db: Kysely<PlmsDatabase>) {
  return {
    /** What the tasks of a project came to in the newest rehearsal that ran them, by task id. */
    actuals: async (projectId: string): Promise<ReadonlyMap<string, Actual>> => {
      const { rows } = await sql<ActualRow>`
        select distinct on (task_id) task_id, sum(tokens)::float8 as tokens, sum(duration_ms) as "durationMs",
          sum(cost_usd)::float8 as "costUsd", bool_or(status = 'succeeded') as succeeded, avg(echo_cos) as "echoCos"
        from plms.receipts
        where run_id in (select id from plms.project_runs where project_id = ${projectId} and kind = 'rehearsal')
        group by task_id, run_id
        order by task_id, run_id desc`.execute(db);
      return new Map(rows.map(({ task_id, ...actual }) => [task_id, actual]));
    },
  };
}
