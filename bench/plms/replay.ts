import { parseArgs } from "node:util";
import { readEventLog, RECORDED, retold, totalsOf } from "./event-log.ts";
import { insertRun, postWebhook, startPlmsOf } from "./plms-of-checkout.ts";

/**
 * Tells builds the recorded webhooks of one run, as they came and with the completion first, and prints what each makes of
 * them beside what the log adds up to: `node run.cjs bench/plms/replay.ts --side before=../other-checkout --side now=.`
 */
const { values } = parseArgs({ options: { side: { type: "string", multiple: true, default: ["now=."] } } });
const log = readEventLog();

process.stdout.write(`${JSON.stringify({ side: "the log", ...totalsOf(log) })}\n`);
for (const side of values.side) await replayOn(side);

async function replayOn(side: string): Promise<void> {
  const { name, url, admin, close } = await startPlmsOf(side, { purpose: "replay" });
  try {
    for (const [nth, order] of (["as it came", "the completion first"] as const).entries()) {
      const to = await insertRun(admin, { ...RECORDED, executorRunId: `replay-${nth}`, budgetUsd: 100 });
      const messages = retold(log, to);
      const statuses: number[] = [];
      for (const { path, id, body } of order === "as it came" ? messages : messages.toReversed())
        statuses.push((await postWebhook(`${url}${path}`, id, JSON.stringify(body))).status);
      const { rows } = await admin.query<object>(
        `select receipts_count::int as receipts, round(usd_spent * 1000000)::int as "usdMicro", tokens_spent::int as tokens,
           tasks_completed as "tasksCompleted", tasks_failed as "tasksFailed", status from plms.project_runs where id = $1`,
        [to.runId],
      );
      const refused = statuses.filter((status) => status !== 202).length;
      process.stdout.write(`${JSON.stringify({ side: name, order, ...rows[0], refused })}\n`);
    }
  } finally {
    await close();
  }
}
