import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { insertRun } from "../fixtures.ts";
import { ask, dataOf } from "../support.ts";
import { USAGE_TOKEN, useUsage } from "../usage.ts";

const desk = useUsage();
const { observedRun, post, receiptsOf } = desk;

type Value = string | number;
const attribute = ([key, value]: [string, Value]) => ({
  key,
  value:
    typeof value === "string"
      ? { stringValue: value }
      : Number.isInteger(value)
        ? { intValue: value }
        : { doubleValue: value },
});

/** A request as an exporter makes it: attributes of the resource, and of each of its spans. */
function traces(resource: Record<string, Value>, spans: Record<string, Value>[], scope = "test") {
  const endMs = Date.now();
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: Object.entries(resource).map(attribute), droppedAttributesCount: 0 },
        scopeSpans: [
          {
            scope: { name: scope },
            spans: spans.map((attributes) => ({
              traceId: randomUUID().replaceAll("-", ""),
              spanId: randomUUID().replaceAll("-", "").slice(16),
              name: "chat",
              kind: 3,
              startTimeUnixNano: `${endMs - 1500}000000`,
              endTimeUnixNano: `${endMs}000000`,
              attributes: Object.entries(attributes).map(attribute),
              status: { code: 0 },
            })),
          },
        ],
      },
    ],
  });
}

describe("a span of a model call", () => {
  const names: Record<string, Record<string, Value>> = {
    "the conventions of today": {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o-mini",
      "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
      "gen_ai.usage.input_tokens": 1000,
      "gen_ai.usage.output_tokens": 100,
      "gen_ai.usage.cache_read.input_tokens": 400,
      "gen_ai.usage.reasoning.output_tokens": 20,
    },
    "the conventions of before": {
      "gen_ai.system": "openai",
      "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
      "gen_ai.usage.prompt_tokens": 1000,
      "gen_ai.usage.completion_tokens": 100,
      "gen_ai.usage.cache_read_input_tokens": 400,
      "gen_ai.usage.reasoning_tokens": 20,
    },
    OpenInference: {
      "openinference.span.kind": "LLM",
      "llm.provider": "openai",
      "llm.model_name": "gpt-4o-mini-2024-07-18",
      "llm.token_count.prompt": 1000,
      "llm.token_count.completion": 100,
      "llm.token_count.prompt_details.cache_read": 400,
      "llm.token_count.completion_details.reasoning": 20,
    },
  };

  test.each(Object.entries(names))("becomes a receipt by the names of %s", async (_what, attributes) => {
    const run = await observedRun();
    const body = traces({ "service.name": "agent", "plms.project.id": run.projectId }, [
      { ...attributes, "plms.task.id": run.taskIds[1] ?? "" },
    ]);
    expect(await post("/v1/traces", gzipSync(body), { "content-encoding": "gzip" })).toEqual({
      status: 200,
      body: {},
    });
    expect(await receiptsOf(run.id)).toEqual({
      usdSpent: 0.00018,
      receipts: [
        {
          taskId: run.taskIds[1],
          provider: "openai",
          tokens: 1100,
          durationMs: expect.closeTo(1500, 0),
          costUsdExact: "0.00018",
          status: "SUCCEEDED",
          pricing: { usdExact: "0.00018", differenceUsdExact: "0", reason: null },
          usage: {
            model: "gpt-4o-mini-2024-07-18",
            inputTokens: 1000,
            outputTokens: 100,
            cacheReadTokens: 400,
            cacheWriteTokens: null,
            reasoningTokens: 20,
          },
        },
      ],
    });
  });

  test("counts what Anthropic's cache had beside the input, where its instrumentation tells it beside and not within", async () => {
    const call = {
      "gen_ai.provider.name": "anthropic",
      "gen_ai.response.model": "claude-sonnet-4-5",
      "gen_ai.usage.input_tokens": 4000,
      "gen_ai.usage.output_tokens": 500,
      "gen_ai.usage.cache_read_input_tokens": 3000,
      "plms.task.name": "Task 0",
      "plms.cost.usd": 0.02,
    };
    const inputsBy: Record<string, number> = {
      "@traceloop/instrumentation-anthropic": 7000,
      "another instrumentation": 4000,
    };
    for (const [scope, inputTokens] of Object.entries(inputsBy)) {
      const run = await observedRun();
      await post("/v1/traces", traces({ "plms.run.id": run.executorRunId }, [call], scope));
      const { receipts } = await receiptsOf(run.id);
      expect(receipts).toMatchObject([{ usage: { inputTokens, cacheReadTokens: 3000 } }]);
    }
  });

  test("counts once, however often it is sent", async () => {
    const run = await observedRun();
    const body = traces({ "plms.run.id": run.executorRunId, "plms.task.name": "Task 0" }, [
      names["the conventions of today"]!,
    ]);
    await post("/v1/traces", body);
    await post("/v1/traces", body);
    expect((await receiptsOf(run.id)).receipts).toHaveLength(1);
  });

  test("is charged once when a span around it tells the same tokens", async () => {
    const run = await observedRun();
    const call = names["the conventions of today"]!;
    const body = traces({ "plms.project.id": run.projectId, "plms.task.name": "Task 0" }, [
      call,
      { ...call, "gen_ai.operation.name": "invoke_agent" },
      { ...call, "traceloop.span.kind": "workflow" },
      { ...call, "openinference.span.kind": "CHAIN" },
      { "http.request.method": "POST" },
    ]);
    expect(await post("/v1/traces", body)).toEqual({ status: 200, body: {} });
    expect((await receiptsOf(run.id)).receipts).toHaveLength(1);
  });

  test("that cannot be charged is refused with its reason, and listed", async () => {
    const run = await observedRun();
    const executors = await insertRun(desk.database);
    const call = names["the conventions of today"]!;
    const refused: [string, Record<string, Value>][] = [
      ["NO_PROJECT", call],
      ["UNKNOWN_RUN", { ...call, "plms.run.id": "nobody's" }],
      ["NOT_OBSERVED", { ...call, "plms.run.id": executors.executorRunId }],
      ["NO_TASK", { ...call, "plms.project.id": run.projectId }],
      ["UNKNOWN_TASK", { ...call, "plms.project.id": run.projectId, "plms.task.name": "No such" }],
      [
        "NO_COST",
        {
          ...call,
          "plms.project.id": run.projectId,
          "plms.task.name": "Task 0",
          "gen_ai.response.model": "house-model",
        },
      ],
      ["INVALID", { ...call, "plms.project.id": run.projectId, "gen_ai.usage.input_tokens": -1 }],
    ];
    const good = { ...call, "plms.project.id": run.projectId, "plms.task.name": "Task 0" };
    const { status, body } = await post("/v1/traces", traces({}, [...refused.map(([, span]) => span), good]));
    expect([status, body]).toEqual([
      200,
      {
        partialSuccess: {
          rejectedSpans: refused.length,
          errorMessage: expect.stringContaining(
            "no_cost: No cost was told, and model house-model has no price",
          ),
        },
      },
    ]);
    expect((await receiptsOf(run.id)).receipts).toHaveLength(1);
    const { usageRefusals } = await dataOf<{ usageRefusals: { source: string; reason: string }[] }>(
      ask(desk.plms, "{ usageRefusals { source eventId reason detail toldAt } }"),
    );
    expect(new Set(usageRefusals.map(({ reason }) => reason))).toEqual(
      new Set(refused.map(([reason]) => reason)),
    );
    expect(new Set(usageRefusals.map(({ source }) => source))).toEqual(new Set(["OTLP"]));
  });

  test("of another tenant's run is refused", async () => {
    const run = await observedRun();
    const body = traces({ "plms.run.id": run.executorRunId, "plms.task.name": "Task 0" }, [
      names["the conventions of today"]!,
    ]);
    const { body: answer } = await post("/v1/traces", body, { authorization: `Bearer ${USAGE_TOKEN}-2` });
    expect(answer).toMatchObject({ partialSuccess: { rejectedSpans: 1 } });
    expect((await receiptsOf(run.id)).receipts).toEqual([]);
  });
});

describe("a request with usage is refused", () => {
  test.each([
    ["without a token", "/v1/traces", "{}", { authorization: "" }, 401],
    ["with another token", "/webhooks/usage/litellm", "[]", { authorization: "Bearer no" }, 401],
    ["as protobuf", "/v1/traces", "x", { "content-type": "application/x-protobuf" }, 400],
    ["that is no JSON", "/v1/traces", "{", {}, 400],
    ["that is no trace", "/v1/traces", "{}", {}, 400],
    ["that is no payload", "/webhooks/usage/litellm", "3", {}, 400],
    ["that is not gzip", "/v1/traces", "{}", { "content-encoding": "gzip" }, 400],
  ])("%s", async (_what, path, body, headers, status) => {
    expect(await post(path, body, headers)).toMatchObject({ status });
  });
});

describe("a request of the exporter of OpenTelemetry for JavaScript", () => {
  /** Recorded once as it came over the wire: the package with its version is in the file. */
  const recorded = JSON.parse(readFileSync(new URL("otlp-exporter.json", import.meta.url), "utf8")) as {
    path: string;
    headers: Record<string, string>;
    body: object;
  };

  test("becomes the receipt of its model call, once, and leaves its agent span alone", async () => {
    const run = await observedRun();
    const seconds = String(Math.floor(Date.now() / 1000));
    const body = JSON.stringify(recorded.body)
      .replaceAll("1796030194", seconds)
      .replace("PROJECT", run.projectId)
      .replace("Task 0", "Task 1");
    const send = () => post(recorded.path, body, recorded.headers);
    expect(await send()).toEqual({ status: 200, body: {} });
    expect(await send()).toEqual({ status: 200, body: {} });
    const { receipts } = await receiptsOf(run.id);
    expect(receipts).toMatchObject([
      {
        taskId: run.taskIds[1],
        tokens: 1100,
        status: "SUCCEEDED",
        // 1000 x 0.15 + 100 x 0.6, for a million tokens
        costUsdExact: "0.00021",
        usage: { model: "gpt-4o-mini-2024-07-18", inputTokens: 1000, outputTokens: 100 },
      },
    ]);
  });
});
