import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { notify } from "../../../db/notify.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import { EVENTS_CHANNEL } from "./events.ts";

interface Correction {
  taskId: string;
  laneId: number;
  reason: string | null;
  by: string;
  at: Date;
}

interface Removal {
  overrideId: string;
  by: string;
  at: Date;
}

export function createLaneOverrideStore(db: Kysely<PlmsDatabase>) {
  return {
    /** The correction, or why there is none: no such task, there already, or charged for already. */
    override: (
      tenant: string,
      correction: Correction,
    ): Promise<LaneOverride | "missing" | "same" | "begun"> =>
      db.transaction().execute((tx) => override(tx, tenant, correction)),
    /**
     * Takes a correction back and the task with it; or says why not: no such correction, taken back already, corrected
     * again since, or charged for already.
     */
    remove: (
      tenant: string,
      removal: Removal,
    ): Promise<LaneOverride | "missing" | "removed" | "superseded" | "begun"> =>
      db.transaction().execute((tx) => remove(tx, tenant, removal)),
    /** Those that stand, oldest first, by project. */
    byProjects: async (projectIds: readonly string[]): Promise<ReadonlyMap<string, LaneOverride[]>> => {
      const rows = await overrides(
        db,
        sql`task.project_id = any(${projectIds}::bigint[]) and override.removed_at is null`,
      );
      return Map.groupBy(rows, ({ projectId }) => projectId);
    },
  };
}

async function override(
  tx: Kysely<PlmsDatabase>,
  tenant: string,
  { taskId, laneId, reason, by, at }: Correction,
): Promise<LaneOverride | "missing" | "same" | "begun"> {
  const { rows } = await sql<{ lane_id: number; project_id: string; is_begun: boolean }>`
    select task.lane_id, task.project_id,
      exists (select from plms.run_tasks where task_id = task.id) as is_begun
    from plms.task_estimates as task join plms.projects as project on project.id = task.project_id
    where task.id = ${taskId} and project.tenant = ${tenant} for update of task`.execute(tx);
  const [task] = rows;
  if (!task) return "missing";
  if (task.lane_id === laneId) return "same";
  if (task.is_begun) return "begun";
  await putInto(tx, laneId, { taskId, projectId: task.project_id });
  const { id } = await tx
    .insertInto("plms.lane_overrides")
    .values({
      task_id: taskId,
      predicted_lane_id: task.lane_id,
      corrected_lane_id: laneId,
      reason,
      corrected_by: by,
      corrected_at: at,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const [made] = await overrides(tx, sql`override.id = ${id}`);
  return made ?? "missing";
}

interface StandingRow {
  task_id: string;
  project_id: string;
  predicted_lane_id: number;
  is_removed: boolean;
  is_superseded: boolean;
  is_begun: boolean;
}

async function remove(
  tx: Kysely<PlmsDatabase>,
  tenant: string,
  { overrideId, by, at }: Removal,
): Promise<LaneOverride | "missing" | "removed" | "superseded" | "begun"> {
  const { rows } = await sql<StandingRow>`
    select override.task_id, task.project_id, override.predicted_lane_id, override.removed_at is not null as is_removed,
      exists (select from plms.lane_overrides as later where later.task_id = task.id and later.id > override.id
        and later.removed_at is null) as is_superseded,
      exists (select from plms.run_tasks where task_id = task.id) as is_begun
    from plms.lane_overrides as override
    join plms.task_estimates as task on task.id = override.task_id
    join plms.projects as project on project.id = task.project_id
    where override.id = ${overrideId} and project.tenant = ${tenant} for update of task, override`.execute(
    tx,
  );
  const [standing] = rows;
  if (!standing) return "missing";
  if (standing.is_removed) return "removed";
  if (standing.is_superseded) return "superseded";
  if (standing.is_begun) return "begun";
  const task = { taskId: standing.task_id, projectId: standing.project_id };
  await putInto(tx, standing.predicted_lane_id, task);
  await tx
    .updateTable("plms.lane_overrides")
    .set({ removed_by: by, removed_at: at })
    .where("id", "=", overrideId)
    .execute();
  const [removed] = await overrides(tx, sql`override.id = ${overrideId}`);
  return removed ?? "missing";
}

async function putInto(
  tx: Kysely<PlmsDatabase>,
  laneId: number,
  { taskId, projectId }: { taskId: string; projectId: string },
): Promise<void> {
  await tx.updateTable("plms.task_estimates").set({ lane_id: laneId }).where("id", "=", taskId).execute();
  await notify(tx, EVENTS_CHANNEL, `project:${projectId}`);
}

async function overrides(db: Kysely<PlmsDatabase>, where: ReturnType<typeof sql>): Promise<LaneOverride[]> {
  const { rows } = await sql<LaneOverride>`
    select override.id, task.project_id as "projectId", task.id as "taskId", task.name as "taskName",
      task.description as "taskDescription", predicted_lane_id as "predictedLaneId",
      corrected_lane_id as "correctedLaneId", reason, corrected_by as "correctedBy", corrected_at as "correctedAt",
      removed_by as "removedBy", removed_at as "removedAt"
    from plms.lane_overrides as override join plms.task_estimates as task on task.id = override.task_id
    where ${where} order by override.id`.execute(db);
  return rows;
}
