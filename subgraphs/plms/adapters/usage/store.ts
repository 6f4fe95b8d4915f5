import type { UsageSource, UsageRefusal } from "../../domain/usage-event.ts";
import { sql, type Kysely, type RawBuilder } from "kysely";
import { isStorable } from "../../../../lib/storable.ts";
import type { PlmsDatabase } from "../../../../db/tables/plms.ts";
import type { ListedRefusal, UsageTarget } from "../../operations/usage-ports.ts";

/** Runs that usage is told of, and usage that became no receipt. */
export const createUsageStore = (db: Kysely<PlmsDatabase>) => ({
  usageTargets: {
    /** The tenant's run under its executor's id; undefined when there is none. */
    ofRun: (tenant: string, executorRunId: string): Promise<UsageTarget | undefined> =>
      isStorable(executorRunId)
        ? target(db, tenant, sql`run.executor_run_id = ${executorRunId}`)
        : Promise.resolve(undefined),
    /** The newest observed run of the tenant's project that is not over; undefined when there is none. */
    ofProject: (tenant: string, projectId: string): Promise<UsageTarget | undefined> =>
      target(
        db,
        tenant,
        sql`run.project_id = ${projectId} and run.is_observed
          and run.status in ('executing', 'paused', 'validating', 'needs_review')`,
      ),
  },
  usageRefusals: {
    /** Keeps them for somebody to see, each event once. */
    add: async (
      { tenant, source, at }: { tenant: string; source: UsageSource; at: Date },
      refusals: readonly UsageRefusal[],
    ): Promise<void> => {
      if (refusals.length === 0) return;
      const told = JSON.stringify(refusals);
      await sql`
        insert into plms.usage_refusals (tenant, source, event_id, reason, detail, told_at)
        select ${tenant}, ${source}, "eventId", reason, detail, ${at}
        from json_to_recordset(${told}::json) as told ("eventId" text, reason text, detail text)
        on conflict (tenant, source, event_id) do nothing`.execute(db);
    },
    /** Newest first, at most a hundred. */
    list: async (tenant: string): Promise<ListedRefusal[]> => {
      const { rows } = await sql<ListedRefusal>`
        select id, source, event_id as "eventId", reason, detail, told_at as "toldAt"
        from plms.usage_refusals where tenant = ${tenant} order by id desc limit 100`.execute(db);
      return rows;
    },
    /** Forgets those told before. */
    purge: async (before: Date): Promise<void> => {
      await sql`delete from plms.usage_refusals where told_at < ${before}`.execute(db);
    },
  },
});

async function target(
  db: Kysely<PlmsDatabase>,
  tenant: string,
  which: RawBuilder<unknown>,
): Promise<UsageTarget | undefined> {
  const { rows } = await sql<UsageTarget>`
    select run.executor_run_id as "executorRunId", run.is_observed as "isObserved", (
      select coalesce(json_agg(json_build_object('id', id::text, 'name', name, 'laneId', lane_id)), '[]')
      from plms.task_estimates where project_id = run.project_id
    ) as tasks
    from plms.project_runs as run join plms.projects as project on project.id = run.project_id
    where project.tenant = ${tenant} and ${which} order by run.id desc limit 1`.execute(db);
  return rows.at(0);
}
