import { readFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPasClient } from "../../../subgraphs/plms/adapters/pas-client.ts";
import { parseCompletion, parseReceipts } from "../../../subgraphs/plms/adapters/webhook-messages.ts";
import type { ExecutorJob } from "../../../subgraphs/plms/operations/ports.ts";
import { startPas } from "../support.ts";

let pas: Awaited<ReturnType<typeof startPas>>;

beforeAll(async () => {
  pas = await startPas();
});
afterAll(() => pas.close());

const job: ExecutorJob = {
  projectId: "7",
  runKind: "baseline",
  providerMatrix: { "gpt-4": "0613" },
  rehearsalPct: null,
  writeSandbox: false,
  caps: { tokens: null, durationMinutes: null },
  tasks: [
    {
      id: "101",
      projectId: "7",
      orderIndex: 0,
      name: "Task",
      description: null,
      laneId: 4200,
      complexity: "simple",
      status: "pending",
      estimatedTokens: 1000,
      estimatedDurationMs: 60_000,
      estimatedCostUsd: 0.1,
      estimateSource: null,
      learntLogRatio: { tokens: 0, durationMs: 0, costUsd: 0 },
    },
  ],
};

/** The JSON of the page for those who write executors, in its order: a job, receipts, a completion. */
const examples = [
  ...readFileSync(new URL("../../../docs/executor-contract.md", import.meta.url), "utf8").matchAll(
    /^```json\n(.+?)\n```$/gms,
  ),
].map(([, json = ""]) => json);

test("a job goes out as the page for executors shows it: ids are integers", async () => {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    void text(request)
      .then((body) => bodies.push(JSON.parse(body)))
      .then(() => response.end(JSON.stringify({ run_id: "run-1" })));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createPasClient({ baseUrl, timeoutMs: 5_000 });
  expect(await client.submit(job, { key: "page", correlationId: "x" })).toBe("run-1");
  expect(bodies).toEqual([JSON.parse(examples[0] ?? "")]);
  await client.close();
  server.close();
});

test("what the page for executors shows of webhooks is taken, with ids as integers and as text", () => {
  const nowMs = Date.parse("2026-03-02T00:00:00Z");
  const [, receipts = "", completion = ""] = examples;
  expect(parseReceipts(receipts, nowMs).charges).toMatchObject([{ taskId: "101", laneId: 4200 }]);
  expect(parseReceipts(receipts.replace('"task_id": 101', '"task_id": "101"'), nowMs)).toEqual(
    parseReceipts(receipts, nowMs),
  );
  expect(parseCompletion(completion, nowMs)).toMatchObject({ projectId: "7", executorRunId: "run-1" });
});

test("a job is submitted once per key, with the correlation id of the caller", async () => {
  const client = createPasClient({ baseUrl: pas.baseUrl, timeoutMs: 5_000 });
  const call = { key: "a-key", correlationId: "the-correlation-id" };
  const first = await client.submit(job, call);
  expect(await client.submit(job, call)).toBe(first);
  const { last } = (await (await fetch(`${pas.baseUrl}/_requests?details=1`)).json()) as {
    last: { correlationId: string }[];
  };
  expect(last.map(({ correlationId }) => correlationId)).toContain("the-correlation-id");
  await client.close();
});

test("an executor that refuses another job under the same key is unavailable, and its status is said", async () => {
  const client = createPasClient({ baseUrl: pas.baseUrl, timeoutMs: 5_000 });
  await client.submit(job, { key: "b-key", correlationId: "x" });
  const refused = client.submit({ ...job, projectId: "8" }, { key: "b-key", correlationId: "x" });
  await expect(refused).rejects.toMatchObject({
    code: "EXECUTOR_UNAVAILABLE",
    message: "The executor did not take the run: it answered 422. Repeat the same call to continue it",
    details: { retryable: true, retryAfterMs: 1000 },
  });
  await client.close();
});

test("the whole call ends at its deadline, however slow the executor is", async () => {
  const client = createPasClient({ baseUrl: pas.baseUrl, timeoutMs: 150 });
  pas.setFaults([{ path: "/pas/*", mode: "slow", latencyMs: 5_000 }]);
  const startedAt = performance.now();
  await expect(client.submit(job, { key: "c-key", correlationId: "x" })).rejects.toMatchObject({
    code: "EXECUTOR_UNAVAILABLE",
  });
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  pas.setFaults([]);
  await client.close();
});

test("an executor that is away is called so, without its address", async () => {
  const client = createPasClient({ baseUrl: "http://127.0.0.1:1", timeoutMs: 5_000 });
  await expect(client.submit(job, { key: "d-key", correlationId: "x" })).rejects.toMatchObject({
    code: "EXECUTOR_UNAVAILABLE",
    message: "The executor did not take the run: it cannot be reached. Repeat the same call to continue it",
    cause: expect.objectContaining({ code: "ECONNREFUSED" }) as unknown,
  });
  await client.close();
});
