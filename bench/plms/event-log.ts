import { readFileSync } from "node:fs";

interface Receipt {
  receipt_id: string;
  task_id: string;
  lane_id: number;
  tokens: number;
  cost_usd: number;
  status: "succeeded" | "failed" | "skipped";
  occurred_at: string;
}

/** A webhook as it arrived. */
export interface LoggedMessage {
  path: string;
  id: string;
  body: { run_id: string; receipts?: Receipt[]; project_id?: string | number };
}

/** What the recorded run had to do: a task of 0.18 USD for each id from 1 on, on these lanes in turn. */
export const RECORDED = { tasks: 48, lanes: [4200, 4203, 5100], estimatedUsd: 0.18 } as const;

/**
 * Every webhook of one run of the mock executor, recorded once in the order of their arrival: receipts that fail, messages that were
 * repeated because an answer was lost, doubled, late and out of order.
 */
export const readEventLog = (): LoggedMessage[] =>
  JSON.parse(readFileSync(new URL("event-log.json", import.meta.url), "utf8")) as LoggedMessage[];

/** The log as if it were told of another run: its ids, its tasks, and times that end now. */
export function retold(
  log: readonly LoggedMessage[],
  to: { executorRunId: string; projectId: string; taskIds: readonly string[] },
): LoggedMessage[] {
  const times = log.flatMap(({ body }) =>
    (body.receipts ?? []).map(({ occurred_at }) => Date.parse(occurred_at)),
  );
  const shiftMs = Date.now() - Math.max(...times);
  return log.map(({ path, id, body }) => {
    const {
      receipts,
      completed_at: _then,
      ...rest
    } = body as LoggedMessage["body"] & { completed_at?: string };
    return {
      path,
      id: `${to.executorRunId}-${id}`,
      body: {
        ...rest,
        run_id: to.executorRunId,
        ...(rest.project_id !== undefined && { project_id: to.projectId }),
        ...(receipts && {
          receipts: receipts.map((receipt) => ({
            ...receipt,
            task_id: to.taskIds[Number(receipt.task_id) - 1] ?? "",
            occurred_at: new Date(Date.parse(receipt.occurred_at) + shiftMs).toISOString(),
          })),
        }),
      },
    };
  });
}

/** What a run comes to, added up from the log alone: each receipt once, money in millionths. */
export function totalsOf(log: readonly LoggedMessage[]) {
  const once = new Map(
    log.flatMap(({ body }) => (body.receipts ?? []).map((receipt) => [receipt.receipt_id, receipt] as const)),
  );
  const receipts = [...once.values()];
  const tasksWith = (status: Receipt["status"]) =>
    new Set(receipts.filter((receipt) => receipt.status === status).map(({ task_id }) => task_id));
  const succeeded = tasksWith("succeeded");
  return {
    receipts: receipts.length,
    usdMicro: receipts.reduce((sum, { cost_usd }) => sum + Math.round(cost_usd * 1e6), 0),
    tokens: receipts.reduce((sum, { tokens }) => sum + tokens, 0),
    tasksCompleted: succeeded.size,
    tasksFailed: [...tasksWith("failed")].filter((task) => !succeeded.has(task)).length,
  };
}
