import { afterAll, beforeAll, expect, test } from "vitest";
import { readEventLog, RECORDED, retold, totalsOf, type LoggedMessage } from "../../bench/plms/event-log.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { insertRun } from "./fixtures.ts";
import { postWebhook, startPlms, type RunningPlms } from "./support.ts";

/** The webhooks of one run of the mock executor, recorded once, through the whole subgraph. */
const log = readEventLog();
let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database);
  await database.db
    .insertInto("plms.lanes")
    .values(RECORDED.lanes.map((id) => ({ id, name: `Lane ${id}` })))
    .execute();
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

test("the log has what makes it worth telling again: repeated, doubled and failed receipts", () => {
  const receipts = log.flatMap(({ body }) => body.receipts ?? []);
  expect(new Set(log.map(({ id }) => id)).size).toBeLessThan(log.length);
  expect(totalsOf(log).receipts).toBe(RECORDED.tasks);
  expect(receipts.length).toBeGreaterThan(RECORDED.tasks);
  expect(totalsOf(log).tasksFailed).toBeGreaterThan(0);
});

test.each<[string, (messages: LoggedMessage[]) => LoggedMessage[]]>([
  ["as it was recorded", (messages) => messages],
  ["with the completion before everything else", (messages) => messages.toReversed()],
  ["twice over", (messages) => [...messages, ...messages]],
])("a run that is told %s comes to what its receipts add up to", async (_order, arranged) => {
  const tasks = Array.from({ length: RECORDED.tasks }, () => "simple" as const);
  const run = await insertRun(database, {}, { tasks });
  for (const { path, id, body } of arranged(retold(log, run)))
    expect((await postWebhook(`${plms.url}${path}`, body, { id })).status).toBe(202);
  const found = await database.db
    .selectFrom("plms.project_runs")
    .select(["receipts_count", "usd_spent", "tokens_spent", "tasks_completed", "tasks_failed", "status"])
    .where("id", "=", run.id)
    .executeTakeFirstOrThrow();
  const expected = totalsOf(log);
  expect({
    receipts: Number(found.receipts_count),
    usdMicro: Math.round(Number(found.usd_spent) * 1e6),
    tokens: Number(found.tokens_spent),
    tasksCompleted: found.tasks_completed,
    tasksFailed: found.tasks_failed,
  }).toEqual(expected);
  expect(found.status).toBe("needs_review");
  const conflicts = database.db.selectFrom("plms.receipt_conflicts").select("receipt_id");
  expect(await conflicts.where("run_id", "=", run.id).execute()).toEqual([]);
});
