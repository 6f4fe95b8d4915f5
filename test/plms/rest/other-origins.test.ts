import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { startPas, startPlms, type RunningPlms } from "../support.ts";
import { restClient, tokenOf } from "./client.ts";

const origin = "https://board.example";
let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let open: RunningPlms;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  open = await startPlms(database, { pasUrl: pas.baseUrl, env: { ALLOWED_ORIGINS: origin } });
});
afterAll(async () => {
  await open.close();
  await Promise.all([database.close(), pas.close()]);
});

const project = async () => (await insertProject(database)).id;
const key = () => ({ "idempotency-key": randomUUID() });

describe("a page of another origin", () => {
  const shared = (headers: Headers) => ({
    origin: headers.get("access-control-allow-origin"),
    credentials: headers.get("access-control-allow-credentials"),
  });

  test("has its preflight answered, with credentials and the headers that it asks for", async () => {
    const { status, headers } = await fetch(`${open.url}/api/projects/${await project()}/start`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type, idempotency-key",
      },
    });
    expect([status, shared(headers)]).toEqual([204, { origin, credentials: "true" }]);
    expect(headers.get("access-control-allow-methods")).toBe("GET, POST");
    expect(headers.get("access-control-allow-headers")).toBe("authorization, content-type, idempotency-key");
  });

  test("reads answers, refusals and streams, and the headers that say how to go on", async () => {
    const client = restClient(open.url, await tokenOf());
    const id = await project();
    const started = await client.post(`/api/projects/${id}/start`, {}, { origin, ...key() });
    expect([started.status, shared(started.headers)]).toEqual([200, { origin, credentials: "true" }]);
    for (const readable of ["idempotent-replay", "x-correlation-id", "retry-after"])
      expect(started.headers.get("access-control-expose-headers")).toContain(readable);
    const refused = await restClient(open.url).get(`/api/projects/${id}/metrics`, undefined, { origin });
    expect([refused.status, shared(refused.headers).origin]).toEqual([401, origin]);
    const leaving = new AbortController();
    const stream = await fetch(`${open.url}/api/projects/${id}/budget-runway/stream`, {
      headers: { origin, authorization: `Bearer ${await tokenOf()}` },
      signal: leaving.signal,
    });
    leaving.abort();
    expect([stream.status, shared(stream.headers).origin]).toEqual([200, origin]);
    const document = await fetch(`${open.url}/openapi.json`, { headers: { origin } });
    expect(shared(document.headers).origin).toBe(origin);
  });

  test("that is not listed reads nothing, and caches keep the two apart", async () => {
    const stranger = { origin: "https://stranger.example" };
    const url = `${open.url}/api/projects/${await project()}/metrics`;
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { ...stranger, "access-control-request-method": "GET" },
    });
    expect([preflight.status, shared(preflight.headers).origin]).toEqual([403, null]);
    const answer = await fetch(url, {
      headers: { ...stranger, authorization: `Bearer ${await tokenOf()}` },
    });
    expect([shared(answer.headers).origin, answer.headers.get("vary")]).toEqual([null, "origin"]);
  });

  test("reads nothing where none are listed", async () => {
    const plms = await startPlms(database);
    const { headers } = await fetch(`${plms.url}/api/projects/${await project()}/metrics`, {
      headers: { origin, authorization: `Bearer ${await tokenOf()}` },
    });
    expect([shared(headers).origin, headers.get("vary")]).toEqual([null, null]);
    await plms.close();
  });
});
