import { sql, type Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import { notify } from "../../../db/notify.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import type { LaneOverrideStore } from "../operations/estimation-ports.ts";
import { EVENTS_CHANNEL } from "./events.ts";

type Correction = Parameters<LaneOverrideStore["override"]>[1];

export function createLaneOverrideStore(db: Kysely<Database>): LaneOverrideStore {
  return {
    override: (tenant, correction) => db.transaction().execute((tx) => override(tx, tenant, correction)),
    byProjects: async (projectIds) => {
      const rows = await overrides(db, sql`task.project_id = any(${projectIds}::bigint[])`);
      return Map.groupBy(rows, ({ projectId }) => projectId);
    },
  };
}

async function override(
  tx: Kysely<Database>,
  tenant: string,
  { taskId, laneId, reason, by, at }: Correction,
): ReturnType<LaneOverrideStore["override"]> {
  const { rows } = await sql<{ lane_id: number; project_id: string; is_begun: boolean }>`
    select task.lane_id, task.project_id,
      exists (select from plms.receipts where task_id = task.id) as is_begun
    from plms.task_estimates as task join plms.projects as project on project.id = task.project_id
    where task.id = ${taskId} and project.tenant = ${tenant} for update of task`.execute(tx);
  const [task] = rows;
  if (!task) return "missing";
  if (task.lane_id === laneId) return "same";
  if (task.is_begun) return "begun";
  await tx.updateTable("plms.task_estimates").set({ lane_id: laneId }).where("id", "=", taskId).execute();
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
  await notify(tx, EVENTS_CHANNEL, `project:${task.project_id}`);
  const [made] = await overrides(tx, sql`override.id = ${id}`);
  return made ?? "missing";
}

async function overrides(db: Kysely<Database>, where: ReturnType<typeof sql>): Promise<LaneOverride[]> {
  const { rows } = await sql<LaneOverride>`
    select override.id, task.project_id as "projectId", task.id as "taskId", task.name as "taskName",
      task.description as "taskDescription", predicted_lane_id as "predictedLaneId",
      corrected_lane_id as "correctedLaneId", reason, corrected_by as "correctedBy", corrected_at as "correctedAt"
    from plms.lane_overrides as override join plms.task_estimates as task on task.id = override.task_id
    where ${where} order by override.id`.execute(db);
  return rows;
}
