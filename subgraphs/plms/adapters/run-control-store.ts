import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { canMove, isFinal } from "../domain/run-state.ts";
import type { Run } from "../domain/run.ts";
import type { RunMove } from "../operations/control-ports.ts";
import { tellOfRun } from "./events.ts";
import { settleProject } from "./project-status.ts";
import { toRun } from "./rows.ts";
import { runsOf } from "./run-store.ts";

export function createRunControlStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Moves the run and its project with it, and tells the watchers; undefined when it was in no state of `from`. */
    move: (runId: string, move: RunMove): Promise<Run | undefined> =>
      db.transaction().execute((tx) => moveRun(tx, runId, move)),
  };
}

/** Moves a run within a transaction of the caller; undefined when it may not. */
export async function moveRun(
  tx: Kysely<PlmsDatabase>,
  runId: string,
  move: RunMove,
): Promise<Run | undefined> {
  const row = await runsOf(tx).where("run.id", "=", runId).forUpdate("run").executeTakeFirst();
  if (!row || !move.from.includes(row.status) || !canMove(row.status, move.to)) return undefined;
  await sql`
    update plms.project_runs set
      status = ${move.to},
      status_reason = ${move.reason},
      paused_ms = paused_ms + coalesce(extract(epoch from ${move.at}::timestamptz - paused_at) * 1000, 0),
      paused_at = ${move.to === "paused" ? move.at : null},
      completed_at = ${isFinal(move.to) ? sql`coalesce(completed_at, ${move.at})` : sql`completed_at`},
      version = version + 1
    where id = ${runId}`.execute(tx);
  await notePause(tx, runId, move);
  if (row.kind !== "rehearsal") {
    await settleProject(tx, row.project_id, move.to === "completed" ? "completed" : "needs_review");
  }
  const run = toRun(await runsOf(tx).where("run.id", "=", runId).executeTakeFirstOrThrow());
  await tellOfRun(tx, run);
  return run;
}

/** A run that moves has ended its pause, if it was in one, and begins another when it moves there. */
async function notePause(
  tx: Kysely<PlmsDatabase>,
  runId: string,
  { to, reason, at }: RunMove,
): Promise<void> {
  await tx
    .updateTable("plms.run_pauses")
    .set({ ended_at: at })
    .where("run_id", "=", runId)
    .where("ended_at", "is", null)
    .execute();
  if (to !== "paused") return;
  await tx
    .insertInto("plms.run_pauses")
    .values({ run_id: runId, began_at: at, reason })
    .onConflict((same) => same.columns(["run_id", "began_at"]).doUpdateSet({ ended_at: null, reason }))
    .execute();
}
