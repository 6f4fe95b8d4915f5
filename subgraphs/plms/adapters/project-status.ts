import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { ProjectStatus } from "../domain/project.ts";

/**
 * Makes the project's status that of its work: of the run that goes on, or `whenOver` when none does.
 * Rehearsals do not do the project's work.
 */
export async function settleProject(
  tx: Kysely<PlmsDatabase>,
  projectId: string,
  whenOver: ProjectStatus,
): Promise<void> {
  await sql`
    update plms.projects set status = coalesce((
      select case
        when bool_or(status in ('submitting', 'executing')) then 'executing'
        when bool_or(status = 'paused') then 'paused'
        else 'validating' end
      from plms.project_runs
      where project_id = ${projectId} and kind <> 'rehearsal'
        and status in ('submitting', 'executing', 'paused', 'validating')
      having count(*) > 0
    ), ${whenOver})
    where id = ${projectId}`.execute(tx);
}
