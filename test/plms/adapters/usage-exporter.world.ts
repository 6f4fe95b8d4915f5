import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, dataOf } from "../support.ts";
import { USAGE_TOKEN, useUsage } from "../usage.ts";

/** 28 MB that nothing else needs, so that they are installed here and not with the repository. */
const PACKAGES = [
  "@opentelemetry/api@1.9.1",
  "@opentelemetry/exporter-trace-otlp-http@0.223.1",
  "@opentelemetry/resources@2.12.1",
  "@opentelemetry/sdk-trace-base@2.12.1",
];

/** An agent with a model call, a tool and a model call that failed, as its SDK tells of them. */
const AGENT = `
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [projectId, taskName] = process.argv.slice(2);
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "service.name": "agent", "plms.project.id": projectId, "plms.task.name": taskName }),
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
});
const tracer = provider.getTracer("agent", "1.0.0");
const agent = tracer.startSpan("invoke_agent helper", { attributes: {
  "gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 1500, "gen_ai.usage.output_tokens": 100 } });
const within = trace.setSpan(context.active(), agent);
const call = (input, output) => tracer.startSpan("chat gpt-4o-mini", { kind: SpanKind.CLIENT, attributes: {
  "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o-mini",
  "gen_ai.response.model": "gpt-4o-mini-2024-07-18", "gen_ai.response.finish_reasons": ["stop"],
  "gen_ai.usage.input_tokens": input, "gen_ai.usage.output_tokens": output } }, within);
call(1000, 100).end();
tracer.startSpan("execute_tool search", { attributes: { "gen_ai.operation.name": "execute_tool" } }, within).end();
const failed = call(500, 0);
failed.setStatus({ code: SpanStatusCode.ERROR, message: "timeout" });
failed.end();
agent.end();
await provider.shutdown();
`;

const desk = useUsage();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifecycle-agent-"));
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  await writeFile(join(folder, "agent.js"), AGENT);
  await promisify(execFile)("npm", ["install", "--no-audit", "--no-fund", ...PACKAGES], { cwd: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lets the agent work on a task, set up by the variables that docs/usage.md names. */
const work = (projectId: string, taskName: string) =>
  promisify(execFile)(process.execPath, ["agent.js", projectId, taskName], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"],
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${desk.plms.url}/v1/traces`,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `authorization=Bearer ${USAGE_TOKEN}`,
    },
  });

describe("an agent with the SDK of OpenTelemetry", () => {
  test("has a receipt for each of its model calls, and none for what is around them", async () => {
    const run = await desk.observedRun();
    await work(run.projectId, "Task 1");
    const { usdSpent, receipts } = await desk.receiptsOf(run.id);
    const call = { taskId: run.taskIds[1], usage: { model: "gpt-4o-mini-2024-07-18" } };
    expect(receipts).toMatchObject([
      { ...call, tokens: 500, status: "FAILED", costUsdExact: "0.000075", usage: { inputTokens: 500 } },
      { ...call, tokens: 1100, status: "SUCCEEDED", costUsdExact: "0.00021", usage: { inputTokens: 1000 } },
    ]);
    expect(usdSpent).toBe(0.000_285);
  });

  test("is told which of its calls are no receipts", async () => {
    const run = await desk.observedRun();
    await work(run.projectId, "Nobody's task");
    expect((await desk.receiptsOf(run.id)).receipts).toEqual([]);
    const { usageRefusals } = await dataOf<{ usageRefusals: object[] }>(
      ask(desk.plms, "{ usageRefusals { source reason } }"),
    );
    const refusal = { source: "OTLP", reason: "UNKNOWN_TASK" };
    expect(usageRefusals.slice(0, 2)).toEqual([refusal, refusal]);
  });
});
