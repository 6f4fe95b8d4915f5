import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { insertProject } from "../fixtures.ts";
import { postWebhook, receipt, startPas, startPlms, type RunningPlms } from "../support.ts";
import { EVERY_SCOPE, openApi, restClient, schemaOf, tokenOf, tokenWithoutStart } from "./client.ts";

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let plms: RunningPlms;
let ada: ReturnType<typeof restClient>;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  plms = await startPlms(database, { pasUrl: pas.baseUrl });
  ada = restClient(plms.url, await tokenOf());
});
afterAll(async () => {
  await plms.close();

  await Promise.all([database.close(), pas.close()]);
});

const project = async (tenant = "default") => (await insertProject(database, { tenant })).id;
const key = () => ({ "idempotency-key": randomUUID() });

/** An executor that takes a job when it is told to, and not before. */
async function waitingExecutor() {
  const [asked, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = createServer((_request, response) => {
    asked.resolve();
    void told.promise.then(() => response.end(JSON.stringify({ run_id: `run-${randomUUID()}` })));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isAsked: asked.promise,
    answer: told.resolve,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
    },
  };
}

describe("starting over REST", () => {
  test("answers as the seed has it, and the passport lies where the answer says", async () => {
    const id = await project();
    const started = await ada.post(`/api/projects/${id}/start`, { run_kind: "baseline" }, key());
    expect(started).toMatchObject({
      status: 200,
      body: {
        status: "executing",
        run_id: expect.stringMatching(/^run-/),
        provider_matrix: expect.any(Object),
      },
    });
    expect(started.headers.get("idempotent-replay")).toBe("false");
    const passport = await ada.get(String(started.body["replay_passport_path"]));
    expect(passport).toMatchObject({
      status: 200,
      body: {
        project_id: id,
        run_id: started.body["run_id"],
        run_kind: "baseline",
        prd_source: "definition",
      },
    });
  });

  test("takes the key bare or quoted, and it is the same key", async () => {
    const id = await project();
    const bare = randomUUID();
    const first = await ada.post(`/api/projects/${id}/start`, {}, { "idempotency-key": bare });
    const second = await ada.post(`/api/projects/${id}/start`, undefined, { "idempotency-key": `"${bare}"` });
    expect(second.body["run_id"]).toBe(first.body["run_id"]);
    expect(second.headers.get("idempotent-replay")).toBe("true");
  });

  test.each<[string, unknown, Record<string, string>, number, string]>([
    ["no key", {}, {}, 400, "idempotency_key"],
    ["an endless key", {}, { "idempotency-key": "x".repeat(256) }, 400, "idempotency_key"],
    ["an unknown kind", { run_kind: "demo" }, key(), 400, "run_kind"],
    ["a kind that is no text", { run_kind: 7 }, key(), 400, "run_kind"],
    ["a baseline that may only write to a sandbox", { write_sandbox: true }, key(), 400, "write_sandbox"],
    ["a limit below zero", { budget_tokens: -1 }, key(), 400, "budget_tokens"],
    ["a limit that is a fraction", { budget_tokens: 1.5 }, key(), 400, "budget_tokens"],
    ["more tokens than GraphQL takes", { budget_tokens: 2_147_483_648 }, key(), 400, "budget_tokens"],
    ["a limit beyond reason", { budget_duration_minutes: 1e9 }, key(), 400, "budget_duration_minutes"],
    ["a list", [], key(), 400, "body"],
  ])("is refused with %s", async (_case, body, headers, status, field) => {
    const answer = await ada.post(`/api/projects/${await project()}/start`, body, headers);
    expect(answer).toMatchObject({ status, body: { title: "BAD_USER_INPUT", field } });
  });

  test("is refused with something that is no JSON", async () => {
    const answer = await ada.post(`/api/projects/${await project()}/start`, "{", key());
    expect(answer).toMatchObject({ status: 400, body: { title: "BAD_USER_INPUT" } });
  });

  test("G17: answers 422 for a key with another body, 409 while it is under way, 503 without the executor", async () => {
    const id = await project();
    const headers = key();
    const path = `/api/projects/${id}/start`;
    await using executor = await waitingExecutor();
    const waiting = await startPlms(database, { pasUrl: executor.url });
    const first = restClient(waiting.url, await tokenOf()).post(path, {}, headers);
    await executor.isAsked;
    const meanwhile = await ada.post(path, {}, headers);
    expect(meanwhile).toMatchObject({ status: 409, body: { title: "IDEMPOTENCY_IN_FLIGHT" } });
    expect(meanwhile.headers.get("retry-after")).toBe("1");
    executor.answer();
    expect((await first).status).toBe(200);
    await waiting.close();
    expect(await ada.post(path, { run_kind: "hotfix" }, headers)).toMatchObject({
      status: 422,
      body: { title: "IDEMPOTENCY_KEY_REUSED" },
    });
    pas.setFaults([{ path: "/pas/*", mode: "status", status: 500 }]);
    expect(await ada.post(path, { allow_concurrent: true }, key())).toMatchObject({ status: 503 });
    pas.setFaults([]);
  });
});

describe("who may ask", () => {
  const calls: [method: "get" | "post", path: string, scope: string][] = [
    ["post", "start", "projects.start"],
    ["get", "budget-runway", "projects.view"],
    ["get", "budget-runway/stream", "projects.view"],
    ["get", "runs/run-1/replay-passport", "projects.view"],
    ["post", "simulate", "projects.simulate"],
    ["get", "metrics", "projects.view"],
    ["get", "lane-overrides", "projects.view"],
    ["get", "risk-heatmap", "projects.view"],
    ["get", "estimation-drift?lane_id=4200", "projects.view"],
  ];

  test.each(calls)("%s %s needs a good token with %s", async (method, path, scope) => {
    const url = `/api/projects/${await project()}/${path}`;
    const ask = (token?: string) => restClient(plms.url, token)[method](url, undefined, key());
    const others = await tokenOf({ scopes: EVERY_SCOPE.filter((held) => held !== scope) });
    expect(await ask(others)).toMatchObject({
      status: 403,
      body: { title: "FORBIDDEN", detail: `Missing scope: ${scope}` },
    });
    const expired = await tokenOf({}, -60);
    const stranger = `${(await tokenOf()).slice(0, -4)}AAAA`;
    expect(await ask(expired)).toMatchObject({
      status: 401,
      body: { detail: "Invalid authentication: the token has expired" },
    });
    for (const token of [undefined, "nonsense", stranger]) {
      const refused = await ask(token);
      expect(refused).toMatchObject({ status: 401, body: { detail: "Invalid authentication" } });
      expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    }
  });

  test.each(calls)("%s %s does not exist for other tenants", async (method, path) => {
    const url = `/api/projects/${await project("acme")}/${path}`;
    expect(await ada[method](url, undefined, key())).toMatchObject({ status: 404 });
  });

  test.each(["0", "-1", "999999999", "1e3", "..%2f..", "%00", "x".repeat(100)])(
    "a project %s does not exist",
    async (id) => {
      for (const [method, path] of calls) {
        expect((await ada[method](`/api/projects/${id}/${path}`, undefined, key())).status).toBe(404);
      }
    },
  );

  test("visitors may look where the configuration lets them", async () => {
    const open = await startPlms(database, { env: { AUTH_ANONYMOUS_SCOPES: "projects.view" } });
    const visitor = restClient(open.url);
    const id = await project();
    expect((await visitor.get(`/api/projects/${id}/budget-runway`)).status).toBe(200);
    expect((await visitor.post(`/api/projects/${id}/start`, {}, key())).status).toBe(401);
    await open.close();
  });
});

test("a token need not say from when it holds", async () => {
  const client = restClient(plms.url, await tokenWithoutStart());
  expect(await client.get(`/api/projects/${await project()}/metrics`)).toMatchObject({ status: 200 });
});

describe("bodies", () => {
  test("that are empty are none, whatever they say that they are", async () => {
    const url = `${plms.url}/api/projects/${await project()}/simulate`;
    const headers = { authorization: `Bearer ${await tokenOf()}`, "content-type": "application/json" };
    expect((await fetch(url, { method: "POST", headers })).status).toBe(200);
    const broken = await fetch(url, { method: "POST", headers, body: "{" });
    expect(broken.status).toBe(400);
  });

  test("of a thousand receipts fit, and one that does not is told the limit that it crossed", async () => {
    const { id, taskIds } = await insertProject(database);
    const started = await ada.post(`/api/projects/${id}/start`, {}, key());
    const receipts = Array.from({ length: 1000 }, () => receipt({ task_id: taskIds[0], cost_usd: 0.000_01 }));
    const message = JSON.stringify({ run_id: started.body["run_id"], receipts });
    expect(message.length).toBeGreaterThan(200_000);
    expect(await postWebhook(`${plms.url}/webhooks/pas/receipts`, message)).toMatchObject({ status: 202 });
    const large = { padding: "x".repeat(2_097_152) };
    expect(await postWebhook(`${plms.url}/webhooks/pas/receipts`, large)).toMatchObject({
      status: 413,
      body: { limit: "body", allowed: "at most 2097152 bytes" },
    });
  });
});

describe("the stream of the runway", () => {
  async function listen(id: string, headers: Record<string, string> = {}) {
    const leaving = new AbortController();
    const response = await fetch(`${plms.url}/api/projects/${id}/budget-runway/stream`, {
      headers: { authorization: `Bearer ${await tokenOf()}`, ...headers },
      signal: leaving.signal,
    });
    let text = "";
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array);
    })().catch(() => undefined);
    const events = () =>
      [...text.matchAll(/^id: (.+)\ndata: (.+)$/gm)].map(([, eventId = "", data = "{}"]) => ({
        id: eventId,
        data: JSON.parse(data) as { budget: { usd_spent: number } },
      }));
    return {
      response,
      events,
      leave: async () => {
        leaving.abort();
        await reading;
      },
    };
  }

  test("brings the value now and after every receipt, and none twice to a client that comes back", async () => {
    const { id, taskIds } = await insertProject(database);
    const started = await ada.post(`/api/projects/${id}/start`, {}, key());
    const stream = await listen(id);
    expect(stream.response.headers.get("content-type")).toContain("text/event-stream");
    await waitFor(() => stream.events().length > 0);
    const body = { run_id: started.body["run_id"], receipts: [receipt({ task_id: taskIds[0] })] };
    await postWebhook(`${plms.url}/webhooks/pas/receipts`, body);
    await waitFor(() => stream.events().at(-1)?.data.budget.usd_spent === 0.08);
    const last = stream.events().at(-1)?.id ?? "";
    await stream.leave();

    const again = await listen(id, { "last-event-id": last });
    await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
      ...body,
      receipts: [receipt({ task_id: taskIds[1] })],
    });
    await waitFor(() => again.events().at(-1)?.data.budget.usd_spent === 0.16);
    await again.leave();
  });

  test("shows what the plain call shows", async () => {
    const id = await project();
    const stream = await listen(id);
    await waitFor(() => stream.events().length > 0);
    expect((await ada.get(`/api/projects/${id}/budget-runway`)).body).toEqual(stream.events()[0]?.data);
    await stream.leave();
  });
});

describe("the document", () => {
  const examples = Object.entries(openApi.paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { responses }]) =>
      Object.entries(responses).map(([status, { content }]) => ({
        answer: `${method} ${path} ${status}`,
        ...Object.values(content)[0],
      })),
    ),
  );

  test.each(examples)("shows an example of $answer that fits its schema", ({ example, schema = {} }) => {
    expect(example).toBeDefined();
    expect(() => schemaOf(schema).parse(example)).not.toThrow();
  });
});

test("the document is served as it is checked in, and describes every route", async () => {
  expect(await (await fetch(`${plms.url}/openapi.json`)).json()).toEqual(openApi);
});
