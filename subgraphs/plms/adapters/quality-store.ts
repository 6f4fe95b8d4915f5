import type { Run } from "../domain/run.ts";
import type { QualityOverride, Approval } from "../domain/approval.ts";
import { sql, type Kysely, type Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { EchoGate, LaneEcho } from "../domain/echo-gate.ts";
import type { Enqueue } from "./queue.ts";
import { moveRun } from "./run-control-store.ts";

/** Echo gates, what runs showed, and what people decided. */
export function createQualityStore(db: Kysely<PlmsDatabase>, enqueue: Enqueue) {
  return {
    gates: (projectIds: readonly string[]): Promise<ReadonlyMap<string, EchoGate>> => gates(db, projectIds),
    setGate: (projectId: string, gate: EchoGate): Promise<void> =>
      db.transaction().execute((tx) => setGate(tx, projectId, gate)),
    /** By run, its lanes in the order of their ids. */
    echoes: (runIds: readonly string[]): Promise<ReadonlyMap<string, readonly LaneEcho[]>> =>
      echoes(db, runIds),
    /** By project, oldest first. */
    approvals: async (projectIds: readonly string[]): Promise<ReadonlyMap<string, readonly Approval[]>> => {
      const rows = await db
        .selectFrom("plms.project_approvals")
        .selectAll()
        .where("project_id", "in", [...projectIds])
        .orderBy("id")
        .execute();
      return Map.groupBy(rows.map(toApproval), ({ projectId }) => projectId);
    },
    /**
     * Completes a run that needs review and records who wanted it so, in one transaction; undefined, and nothing
     * recorded, when the run is not waiting for a review any more.
     */
    override: (run: Run, decision: QualityOverride & { correlationId: string }): Promise<Run | undefined> =>
      db.transaction().execute(async (tx) => {
        const moved = await moveRun(tx, run.id, {
          from: ["needs_review"],
          to: "completed",
          reason: `Let pass by ${decision.by}: ${decision.reason}`.slice(0, LONGEST_REASON),
          at: decision.at,
        });
        if (!moved) return undefined;
        await record(tx, run.id, { projectId: run.projectId, ...decision });
        await enqueue(tx, "calibrate-run", { runId: run.id });
        return { ...moved, override: { reason: decision.reason, by: decision.by, at: decision.at } };
      }),
  };
}

const LONGEST_REASON = 500;

async function record(
  tx: Kysely<PlmsDatabase>,
  runId: string,
  decision: QualityOverride & { correlationId: string; projectId: string },
): Promise<void> {
  await tx
    .updateTable("plms.project_runs")
    .set({
      validation_pass_override: true,
      override_reason: decision.reason,
      overridden_by: decision.by,
      overridden_at: decision.at,
    })
    .where("id", "=", runId)
    .execute();
  await tx
    .insertInto("plms.project_approvals")
    .values({
      project_id: decision.projectId,
      run_id: runId,
      gate: "quality_override",
      status: "approved",
      approver: decision.by,
      reason: decision.reason,
      correlation_id: decision.correlationId,
      approved_at: decision.at,
    })
    .execute();
}

async function gates(db: Kysely<PlmsDatabase>, projectIds: readonly string[]) {
  const { rows } = await sql<EchoGate & { id: string }>`
    select id, echo_mode as mode, min_echo_cos as "minCos", coalesce((
      select json_agg(json_build_object('laneId', lane_id, 'minCos', min_cos) order by lane_id)
      from plms.project_echo_gates where project_id = project.id), '[]') as lanes
    from plms.projects as project where id = any(${projectIds}::bigint[])`.execute(db);
  return new Map(rows.map(({ id, ...gate }) => [id, gate]));
}

async function setGate(tx: Kysely<PlmsDatabase>, projectId: string, gate: EchoGate): Promise<void> {
  await tx
    .updateTable("plms.projects")
    .set({ echo_mode: gate.mode, min_echo_cos: gate.minCos })
    .where("id", "=", projectId)
    .execute();
  await tx.deleteFrom("plms.project_echo_gates").where("project_id", "=", projectId).execute();
  if (gate.lanes.length === 0) return;
  const rows = gate.lanes.map(({ laneId, minCos }) => ({
    project_id: projectId,
    lane_id: laneId,
    min_cos: minCos,
  }));
  await tx.insertInto("plms.project_echo_gates").values(rows).execute();
}

async function echoes(db: Kysely<PlmsDatabase>, runIds: readonly string[]) {
  const { rows } = await sql<LaneEcho>`
    select lane.run_id as "runId", lane.lane_id as "laneId", echo_count as receipts,
      case when echo_count > 0 then echo_sum / echo_count end as mean, echo_least as least,
      coalesce(own.min_cos, project.min_echo_cos) as "minCos", project.echo_mode as mode
    from plms.run_lanes as lane
    join plms.project_runs as run on run.id = lane.run_id
    join plms.projects as project on project.id = run.project_id
    left join plms.project_echo_gates as own on own.project_id = project.id and own.lane_id = lane.lane_id
    where lane.run_id = any(${runIds}::bigint[]) order by lane.lane_id`.execute(db);
  return Map.groupBy(rows, ({ runId }) => runId);
}

const toApproval = (row: Selectable<PlmsDatabase["plms.project_approvals"]>): Approval => ({
  id: row.id,
  projectId: row.project_id,
  runId: row.run_id,
  gate: row.gate,
  status: row.status,
  approver: row.approver,
  reason: row.reason,
  correlationId: row.correlation_id,
  approvedAt: row.approved_at,
});
