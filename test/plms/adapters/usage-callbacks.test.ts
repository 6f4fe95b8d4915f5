import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { insertRun } from "../fixtures.ts";
import { ask, dataOf } from "../support.ts";
import { useUsage } from "../usage.ts";

const desk = useUsage();
const { observedRun, post, receiptsOf } = desk;

describe("a callback of LiteLLM", () => {
  /** The fields of its standard payload that matter here, as its proxy posts them. */
  const payload = (changes: Record<string, unknown> = {}) => ({
    id: `chatcmpl-${randomUUID()}`,
    call_type: "acompletion",
    status: "success",
    custom_llm_provider: "anthropic",
    model: "claude-sonnet-4-20250514",
    response_cost: 0.0042,
    prompt_tokens: 1000,
    completion_tokens: 80,
    total_tokens: 1080,
    startTime: Date.now() / 1000 - 2,
    endTime: Date.now() / 1000,
    cache_hit: false,
    request_tags: [],
    metadata: {
      usage_object: {
        prompt_tokens: 1000,
        completion_tokens: 80,
        prompt_tokens_details: { cached_tokens: 500 },
        cache_creation_input_tokens: 100,
      },
    },
    ...changes,
  });

  test.each([
    ["a list", (all: object[]) => JSON.stringify(all)],
    ["one a line", (all: object[]) => all.map((one) => JSON.stringify(one)).join("\n")],
  ])("becomes a receipt with what LiteLLM charged, from %s", async (_what, write) => {
    const run = await observedRun();
    const tagged = payload({
      request_tags: ["team-a", `plms.project.id:${run.projectId}`, "plms.task.name:Task 1"],
    });
    const metadata = {
      ...payload().metadata,
      requester_metadata: { "plms.run.id": run.executorRunId, "plms.task.id": run.taskIds[2] },
    };
    const failed = payload({ status: "failure", response_cost: 0, completion_tokens: 0, metadata });
    const answer = await post("/webhooks/usage/litellm", write([tagged, failed]));
    expect(answer).toEqual({ status: 200, body: { recorded: 2, duplicate: 0, refused: 0, refusals: [] } });
    const { usdSpent, receipts } = await receiptsOf(run.id);
    expect(usdSpent).toBe(0.0042);
    expect(receipts.map(({ taskId, status }) => [taskId, status])).toEqual([
      [run.taskIds[2], "FAILED"],
      [run.taskIds[1], "SUCCEEDED"],
    ]);
    expect(receipts[1]).toMatchObject({
      costUsdExact: "0.0042",
      // 400 x 3 + 500 x 0.3 + 100 x 3.75 + 80 x 15, for a million tokens
      pricing: { usdExact: "0.002925", differenceUsdExact: "0.001275" },
      usage: { cacheReadTokens: 500, cacheWriteTokens: 100 },
    });
  });

  test("without a project is refused in the answer, too", async () => {
    const lost = payload();
    expect(await post("/webhooks/usage/litellm", JSON.stringify(lost))).toMatchObject({
      status: 200,
      body: { recorded: 0, refused: 1, refusals: [{ eventId: lost.id, reason: "no_project" }] },
    });
  });
});

describe("an observed run whose work is done", () => {
  const complete = async (id: string, validationPass = true) => {
    const { done } = await dataOf<{ done: { run?: { status: string }; code?: string; message?: string } }>(
      ask(
        desk.plms,
        `mutation ($id: ID!, $pass: Boolean!) { done: completeRun(runId: $id, validationPass: $pass) {
          ... on RunControlSuccess { run { status } } ... on UserError { code message } } }`,
        { id, pass: validationPass },
      ),
    );
    return done;
  };

  test("is completed by its owner, once, with an entry in the audit log", async () => {
    const run = await observedRun();
    const done = await complete(run.id);
    expect(done.run?.status).toMatch(/^(VALIDATING|COMPLETED)$/);
    expect(await complete(run.id)).toMatchObject({ run: {} });
    const entries = await desk.database.db
      .selectFrom("plms.audit_log")
      .select(["actor", "outcome"])
      .where("action", "=", "completeRun")
      .where("entity_id", "=", run.id)
      .execute();
    expect(entries).toEqual([
      { actor: "ada", outcome: "succeeded" },
      { actor: "ada", outcome: "succeeded" },
    ]);
  });

  test("needs review when its owner says that the work is not right", async () => {
    const run = await observedRun();
    expect(await complete(run.id, false)).toEqual({ run: { status: "NEEDS_REVIEW" } });
  });

  test("is not completed after it was cancelled", async () => {
    const run = await observedRun();
    await ask(desk.plms, 'mutation ($id: ID!) { cancelRun(runId: $id, reason: "enough") { __typename } }', {
      id: run.id,
    });
    expect(await complete(run.id)).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("cancelled"),
    });
  });

  test("is one of its owner's alone: a run of the executor is completed by the executor", async () => {
    const run = await insertRun(desk.database);
    expect(await complete(run.id)).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("executor"),
    });
  });
});

test("an observed run pauses, resumes and ends without an executor", async () => {
  const run = await observedRun();
  expect(run).toMatchObject({ status: "EXECUTING", isObserved: true });
  for (const [action, status] of [
    ["pauseRun(runId: $id)", "PAUSED"],
    ["resumeRun(runId: $id)", "EXECUTING"],
    ['cancelRun(runId: $id, reason: "done")', "CANCELLED"],
  ]) {
    const data = await dataOf<{ done: { run: { status: string } } }>(
      ask(
        desk.plms,
        `mutation ($id: ID!) { done: ${action} { ... on RunControlSuccess { run { status } } } }`,
        {
          id: run.id,
        },
      ),
    );
    expect(data.done.run.status).toBe(status);
  }
});
