import type { OpenLane } from "../domain/portfolio.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";

/** What is open, from the estimates and from what the receipts of each run add up to by lane. */
export function createPortfolioStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Open tasks of the tenant's executing runs that do their project's work, by project and lane. */
    openLanes: async (tenant: string): Promise<OpenLane[]> => {
      const { rows } = await sql<{ project_id: string; lane_id: number; open_tasks: number }>`
        with run as (
          select distinct on (run.project_id) run.id, run.project_id
          from plms.project_runs as run join plms.projects as project on project.id = run.project_id
          where project.tenant = ${tenant} and run.status = 'executing' and run.kind <> 'rehearsal'
          order by run.project_id, run.id desc
        )
        select run.project_id, task.lane_id, greatest(0, count(*) - coalesce(max(done.tasks), 0))::int as open_tasks
        from run
        join plms.task_estimates as task on task.project_id = run.project_id
        left join plms.run_lanes as done on done.run_id = run.id and done.lane_id = task.lane_id
        group by run.project_id, task.lane_id
        order by run.project_id, task.lane_id`.execute(db);
      return rows.map((row) => ({
        projectId: row.project_id,
        laneId: row.lane_id,
        openTasks: row.open_tasks,
      }));
    },
  };
}
