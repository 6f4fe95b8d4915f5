import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseCompletion, parseReceipts } from "../../../subgraphs/plms/adapters/webhook-messages.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun } from "../fixtures.ts";
import { postWebhook, receipt, startPlms, WEBHOOK_SECRET, type RunningPlms } from "../support.ts";

const NEXT_SECRET = `whsec_${Buffer.from("the-secret-after-that").toString("base64")}`;

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { secrets: `${WEBHOOK_SECRET},${NEXT_SECRET}` });
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const executingRun = () => insertRun(database);

const receiptsUrl = () => `${plms.url}/webhooks/pas/receipts`;
const completionUrl = () => `${plms.url}/webhooks/pas/completion`;
const spentOn = async (runId: string) =>
  (
    await database.db
      .selectFrom("plms.project_runs")
      .select("usd_spent")
      .where("id", "=", runId)
      .executeTakeFirstOrThrow()
  ).usd_spent;
const nowSeconds = () => Math.floor(Date.now() / 1000);

describe("a signed message", () => {
  test("G18: with receipts is accepted and counted, even when it comes twice", async () => {
    const run = await executingRun();
    const body = { run_id: run.executorRunId, receipts: [receipt({ task_id: run.taskIds[0] })] };
    const answers = [
      await postWebhook(receiptsUrl(), body, { id: `m-${run.id}` }),
      await postWebhook(receiptsUrl(), body, { id: `m-${run.id}` }),
    ];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [202, { status: "accepted" }],
      [202, { status: "accepted" }],
    ]);
    expect(await spentOn(run.id)).toBe("0.08");
  });

  test("may carry ids as numbers, as they were submitted by others", async () => {
    const run = await executingRun();
    const body = {
      run_id: run.executorRunId,
      receipts: [receipt({ task_id: Number(run.taskIds[0]), echo_cos: null })],
    };
    expect((await postWebhook(receiptsUrl(), body)).status).toBe(202);
    const end = { project_id: Number(run.projectId), run_id: run.executorRunId };
    expect(await postWebhook(completionUrl(), end)).toMatchObject({
      status: 202,
      body: { status: "accepted" },
    });
  });

  test("of the end that overtakes the last receipts loses none of them", async () => {
    const run = await executingRun();
    const end = {
      project_id: run.projectId,
      run_id: run.executorRunId,
      validation_pass: true,
      completed_at: new Date().toISOString(),
    };
    expect((await postWebhook(completionUrl(), end)).status).toBe(202);
    const late = { run_id: run.executorRunId, receipts: [receipt({ task_id: run.taskIds[0] })] };
    expect((await postWebhook(receiptsUrl(), late)).status).toBe(202);
    expect(await spentOn(run.id)).toBe("0.08");
  });

  test("by the next secret is as good as one by the current", async () => {
    const run = await executingRun();
    const body = { run_id: run.executorRunId, receipts: [receipt({ task_id: run.taskIds[0] })] };
    expect((await postWebhook(receiptsUrl(), body, { secret: NEXT_SECRET })).status).toBe(202);
  });

  test("for a run that is not known yet asks to be sent again", async () => {
    const { taskIds } = await executingRun();
    const answer = await postWebhook(receiptsUrl(), {
      run_id: "run-unheard-of",
      receipts: [receipt({ task_id: taskIds[0] })],
    });
    expect(answer).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
    expect(answer.headers.get("retry-after")).toBe("1");
  });
});

describe("G18: a message is refused", () => {
  const forged = `whsec_${Buffer.from("not-the-secret-at-all").toString("base64")}`;

  test.each([
    ["signed by somebody else", { secret: forged }],
    ["six minutes old", { timestampSeconds: nowSeconds() - 360 }],
    ["from the future", { timestampSeconds: nowSeconds() + 360 }],
  ])("when it is %s", async (_case, spec) => {
    const run = await executingRun();
    const body = { run_id: run.executorRunId, receipts: [receipt({ task_id: run.taskIds[0] })] };
    expect(await postWebhook(receiptsUrl(), body, spec)).toMatchObject({
      status: 401,
      body: { code: "UNAUTHENTICATED" },
    });
    expect(await spentOn(run.id)).toBe("0");
  });

  test("when it is not signed at all, before anything of it is read", async () => {
    const answer = await fetch(receiptsUrl(), { method: "POST", body: "no json" });
    expect(answer.status).toBe(401);
  });

  test.each<[string, unknown, string]>([
    ["not JSON", "{", "body"],
    ["not an object", "[]", "body"],
    ["without a run", { receipts: [] }, "run_id"],
    ["without receipts", { run_id: "r", receipts: [] }, "receipts"],
    [
      "with a task id that none of ours can be",
      { run_id: "r", receipts: [receipt({ task_id: "x" })] },
      "receipts.0.task_id",
    ],
    [
      "with a negative number of tokens",
      { run_id: "r", receipts: [receipt({ task_id: "1", tokens: -1 })] },
      "receipts.0.tokens",
    ],
    [
      "with a cost in words",
      { run_id: "r", receipts: [receipt({ task_id: "1", cost_usd: "1.20" })] },
      "receipts.0.cost_usd",
    ],
    [
      "with a cost beyond reason",
      { run_id: "r", receipts: [receipt({ task_id: "1", cost_usd: 1e12 })] },
      "receipts.0.cost_usd",
    ],
    [
      "with an unknown status",
      { run_id: "r", receipts: [receipt({ task_id: "1", status: "done" })] },
      "receipts.0.status",
    ],
    [
      "with a date and no time",
      { run_id: "r", receipts: [receipt({ task_id: "1", occurred_at: "2026-01-01" })] },
      "receipts.0.occurred_at",
    ],
    [
      "with a NUL in a name",
      { run_id: "r", receipts: [receipt({ task_id: "1", provider: "a\0b" })] },
      "receipts.0.provider",
    ],
  ])("with the field at fault when it is %s", async (_case, body, field) => {
    expect(await postWebhook(receiptsUrl(), body)).toMatchObject({
      status: 400,
      body: { code: "BAD_USER_INPUT", field, allowed: expect.any(String) },
    });
  });

  test("when a completion names another project, or none", async () => {
    const run = await executingRun();
    expect(await postWebhook(completionUrl(), { run_id: run.executorRunId })).toMatchObject({
      status: 400,
      body: { field: "project_id" },
    });
    const foreign = { run_id: run.executorRunId, project_id: "123456" };
    expect(await postWebhook(completionUrl(), foreign)).toMatchObject({
      status: 400,
      body: { field: "project_id" },
    });
  });

  test("when it is larger than 2 MiB", async () => {
    expect((await postWebhook(receiptsUrl(), { run_id: "r".repeat(2_100_000) })).status).toBe(413);
  });
});

describe("a time of the executor's", () => {
  const NOW_MS = Date.parse("2026-03-01T12:00:00Z");
  const [aDayAhead, beyond] = ["2026-03-02T17:30:00.000+05:30", "2026-03-02T17:30:00.001+05:30"];
  const receiptAt = (occurred_at: string) => {
    const times = ["2026-03-01T08:00:00Z", occurred_at];
    const receipts = times.map((at) => receipt({ task_id: "1", occurred_at: at }));
    return JSON.stringify({ run_id: "r", receipts });
  };
  const completionAt = (completed_at: string) =>
    JSON.stringify({ project_id: "1", run_id: "r", completed_at });
  const allowed = "is not allowed; expected ISO-8601 with a zone, from 1970 to a day from now";

  test("may be a day ahead of ours: clocks are set wrong, and put right while messages wait", () => {
    const occurredAt = new Date(aDayAhead);
    expect(parseReceipts(receiptAt(aDayAhead), NOW_MS).charges[1]).toMatchObject({ occurredAt });
    expect(parseCompletion(completionAt(aDayAhead), NOW_MS).completedAt).toEqual(occurredAt);
  });

  test("may be no more than that", () => {
    expect(() => parseReceipts(receiptAt(beyond), NOW_MS)).toThrow(
      `receipts.1.occurred_at: "${beyond}" ${allowed}`,
    );
    expect(() => parseCompletion(completionAt(beyond), NOW_MS)).toThrow(
      `completed_at: "${beyond}" ${allowed}`,
    );
  });

  test("that is refused loses nothing: the same message is taken once it is put right", async () => {
    const run = await executingRun();
    const sent = receipt({ task_id: run.taskIds[0] });
    const post = (occurred_at: string) =>
      postWebhook(
        receiptsUrl(),
        { run_id: run.executorRunId, receipts: [{ ...sent, occurred_at }] },
        { id: `m-${run.id}` },
      );
    expect((await post("2099-12-31T00:00:00Z")).status).toBe(400);
    expect(await spentOn(run.id)).toBe("0");
    expect((await post(new Date().toISOString())).status).toBe(202);
    expect(await spentOn(run.id)).toBe("0.08");
  });
});

test("what was recorded shows in the metrics", async () => {
  const text = await (await fetch(`${plms.url}/metrics`)).text();
  expect(text).toMatch(/plms_receipts_total\{outcome="recorded"\} [1-9]/);
  expect(text).toMatch(/plms_receipts_total\{outcome="duplicate"\} [1-9]/);
});
