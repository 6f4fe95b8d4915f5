import type { ReceiptsTaken, PricedMessage } from "../operations/ports.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { Run } from "../domain/run.ts";
import { tellOfRun } from "./events.ts";
import type { Enqueue } from "./queue.ts";
import { settleProject } from "./project-status.ts";
import { takeReceipts } from "./receipt-intake.ts";
import { toRun } from "./rows.ts";
import { runsOf } from "./run-store.ts";

/** Messages of the executor on PostgreSQL; deliveries for one run wait for each other. */
export function createInbox(db: Kysely<PlmsDatabase>, enqueue: Enqueue) {
  return {
    transaction: <T>(work: (delivery: Delivery) => Promise<T>): Promise<T> =>
      db.transaction().execute((tx) => work(deliveryIn(tx, enqueue))),
    /** Takes receipts in with all that they change, unless a message with this id was handled before; tells the watchers. */
    takeReceipts: (message: PricedMessage, now: Date): Promise<ReceiptsTaken> =>
      takeReceipts(db, message, now),
    /** Has the priors learn from a run in the background, after so long. */
    calibrateLater: (runId: string, graceMs: number): Promise<void> =>
      db.transaction().execute((tx) => learnLater(enqueue, tx, { runId, graceMs })),
  };
}

/** What may be done within the transaction of a message. */
type Delivery = ReturnType<typeof deliveryIn>;

const deliveryIn = (tx: Kysely<PlmsDatabase>, enqueue: Enqueue) => ({
  /** False when a message with this id was handled before. */
  isNew: async (messageId: string, kind: string): Promise<boolean> => {
    const inserted = await tx
      .insertInto("plms.webhook_inbox")
      .values({ webhook_id: messageId, kind })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  },
  /** The run under the executor's own id, held against other deliveries until this one ends. */
  lockRun: async (executorRunId: string): Promise<Run | undefined> => {
    const row = await runsOf(tx)
      .where("run.executor_run_id", "=", executorRunId)
      .forUpdate("run")
      .executeTakeFirst();
    return row && toRun(row);
  },
  /** Ends the executor's part of the run, and the project's work with it when no other run goes on; tells the watchers. */
  finishRun: async (
    run: Run,
    end: { status: "completed" | "needs_review" | "validating"; validationPass: boolean | null; at: Date },
  ): Promise<void> => {
    await finishRun(tx, run, end);
    await tellOfRun(tx, run);
  },
  /** Whether the run's project holds it to its echo gate. */
  isEchoRequired: async ({ projectId }: Run): Promise<boolean> => {
    const { echo_mode } = await tx
      .selectFrom("plms.projects")
      .select("echo_mode")
      .where("id", "=", projectId)
      .executeTakeFirstOrThrow();
    return echo_mode === "required";
  },
  /** Has the priors learn from the run in the background, after so long; again when they had learnt from it already. */
  calibrateLater: async (runId: string, graceMs: number): Promise<void> => {
    const { rows } = await sql`
      update plms.calibrations set is_stale = true
      where run_id = ${runId} and outcome = 'included' and not is_stale returning run_id`.execute(tx);
    const isKnown = rows.length === 0 && (await isDecided(tx, runId));
    if (!isKnown) await learnLater(enqueue, tx, { runId, graceMs });
  },
});

const learnLater = (
  enqueue: Enqueue,
  tx: Kysely<PlmsDatabase>,
  { runId, graceMs }: { runId: string; graceMs: number },
) => enqueue(tx, "calibrate-run", { runId, afterSeconds: Math.ceil(graceMs / 1000) });

/** True when nothing new is to be learnt of the run, or when that is waiting to be done already. */
const isDecided = async (tx: Kysely<PlmsDatabase>, runId: string): Promise<boolean> =>
  (await tx.selectFrom("plms.calibrations").select("run_id").where("run_id", "=", runId).execute()).length >
  0;

async function finishRun(
  tx: Kysely<PlmsDatabase>,
  run: Run,
  end: Parameters<Delivery["finishRun"]>[1],
): Promise<void> {
  await tx
    .updateTable("plms.project_runs")
    .set({ status: end.status, validation_pass: end.validationPass, completed_at: end.at })
    .set(({ eb }) => ({ version: eb("version", "+", "1") }))
    .where("id", "=", run.id)
    .execute();
  if (run.kind === "rehearsal") return;
  await settleProject(tx, run.projectId, end.status === "completed" ? "completed" : "needs_review");
}
