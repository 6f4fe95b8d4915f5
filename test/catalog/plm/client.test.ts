import { describe, expect, test } from "vitest";
import type { FaultRuleInput } from "../../../mocks/faults.ts";
import { toPlmFailure } from "../../../subgraphs/catalog/plm/adapters/partner/failures.ts";
import { PlmFailure } from "../../../subgraphs/catalog/products/operations/ports.ts";
import { connectTo, startHandmadePlm, startPlm } from "../support.ts";

const ASK = { correlationId: "test-1" };
const CATALOGUE = "/plm/catalog";

const failureOf = async (answer: Promise<unknown>): Promise<PlmFailure> => {
  const error = await answer.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PlmFailure)) throw new Error("expected a PlmFailure", { cause: error });
  return error;
};

describe("a healthy PLM", () => {
  test("gives its models and trims under its own ids, with correlation id and schema version", async () => {
    const { baseUrl } = await startPlm();
    const answer = await connectTo(baseUrl).readCatalogue(ASK);
    expect(answer).toMatchObject({ correlationId: "test-1", schemaVersion: "1.4.0" });
    const lx24 = answer.models.find(({ code }) => code === "LX24");
    expect(lx24).toMatchObject({ plmId: expect.stringMatching(/^plm-mod-/), isActive: true });
    expect(lx24?.trims.map(({ code }) => code)).toEqual(["LX24-BASE", "LX24-SPORT", "LX24-LUXURY"]);
  });

  test("is asked whether anything changed, and 304 gives the same models again", async () => {
    const { baseUrl } = await startPlm();
    const client = connectTo(baseUrl);
    const first = await client.readCatalogue(ASK);
    const second = await client.readCatalogue({ correlationId: "test-2" });
    expect(second.models).toBe(first.models);
    expect(second.correlationId).toBe("test-2");
    const log = (await (await fetch(`${baseUrl}/_requests?details=1`)).json()) as {
      last: { path: string; status: number }[];
    };
    expect(log.last.filter(({ path }) => path === CATALOGUE).map(({ status }) => status)).toEqual([200, 304]);
  });

  test("G23: never sees a correlation id that could break out of its header", async () => {
    const { baseUrl } = await startPlm();
    const answer = await connectTo(baseUrl).readCatalogue({ correlationId: "evil\r\nx-admin: 1" });
    expect(answer.correlationId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("keeps its path prefix", async () => {
    const paths: (string | undefined)[] = [];
    const baseUrl = await startHandmadePlm((request, response) => {
      paths.push(request.url);
      response.writeHead(404).end();
    });
    await failureOf(connectTo(`${baseUrl}/api/v2/`).readCatalogue(ASK));
    expect(paths).toEqual(["/api/v2/oauth/token"]);
  });
});

describe("a PLM with a fault", () => {
  const cases: { fault: Omit<FaultRuleInput, "path">; reason: string; counts: boolean; calls: number }[] = [
    { fault: { mode: "down" }, reason: "UNAVAILABLE", counts: true, calls: 2 },
    { fault: { mode: "status", status: 500 }, reason: "UNAVAILABLE", counts: true, calls: 2 },
    { fault: { mode: "status", status: 503 }, reason: "UNAVAILABLE", counts: true, calls: 1 },
    { fault: { mode: "status", status: 408 }, reason: "TIMEOUT", counts: true, calls: 2 },
    { fault: { mode: "status", status: 400 }, reason: "UNAVAILABLE", counts: false, calls: 1 },
    { fault: { mode: "status", status: 403 }, reason: "AUTH_FAILED", counts: false, calls: 1 },
    { fault: { mode: "status", status: 404 }, reason: "NOT_IN_PLM", counts: false, calls: 1 },
    { fault: { mode: "slow", latencyMs: 60_000 }, reason: "TIMEOUT", counts: true, calls: 1 },
    { fault: { mode: "hang" }, reason: "TIMEOUT", counts: true, calls: 1 },
    { fault: { mode: "malformed" }, reason: "MALFORMED", counts: true, calls: 1 },
    { fault: { mode: "partial" }, reason: "MALFORMED", counts: true, calls: 1 },
    { fault: { mode: "schema-drift" }, reason: "MALFORMED", counts: true, calls: 1 },
    { fault: { mode: "wrong-content-type" }, reason: "MALFORMED", counts: true, calls: 1 },
    { fault: { mode: "reset" }, reason: "UNAVAILABLE", counts: true, calls: 2 },
    { fault: { mode: "expired-token" }, reason: "AUTH_FAILED", counts: true, calls: 2 },
    { fault: { mode: "rate-limit" }, reason: "RATE_LIMITED", counts: true, calls: 1 },
  ];

  const NEVER_ENDING: ReadonlySet<string> = new Set(["slow", "hang"]);

  for (const { fault, reason, counts, calls } of cases) {
    const name = "status" in fault ? `${fault.mode} ${fault.status}` : fault.mode;
    test(`${name}: ${reason}, ${counts ? "an illness" : "no illness"}, ${calls} calls, within the deadline`, async () => {
      const { plm, baseUrl } = await startPlm();
      // What ends by itself may take longer on a slow machine than the time after which the others are ended.
      const deadlineMs = NEVER_ENDING.has(fault.mode) ? 400 : 2_000;
      const client = connectTo(baseUrl, { deadlineMs });
      plm.setFaults([{ path: CATALOGUE, ...fault }]);
      const startedAt = performance.now();
      const failure = await failureOf(client.readCatalogue(ASK));
      expect(performance.now() - startedAt).toBeLessThan(deadlineMs + 600);
      expect(failure).toMatchObject({ reason, details: { countsForCircuit: counts } });
      expect(plm.requests()[CATALOGUE]).toBe(calls);
    });
  }

  test("empty: an answer without models, for the caller to judge", async () => {
    const { plm, baseUrl } = await startPlm();
    plm.setFaults([{ path: CATALOGUE, mode: "empty" }]);
    await expect(connectTo(baseUrl).readCatalogue(ASK)).resolves.toMatchObject({ models: [] });
  });

  test("slow within the deadline: the answer", async () => {
    const { plm, baseUrl } = await startPlm();
    plm.setFaults([{ path: CATALOGUE, mode: "slow", latencyMs: 100 }]);
    await expect(connectTo(baseUrl).readCatalogue(ASK)).resolves.toMatchObject({ schemaVersion: "1.4.0" });
  });

  test("that passes within the deadline: the answer, by the one retry", async () => {
    const { plm, baseUrl } = await startPlm();
    plm.setFaults([{ path: CATALOGUE, mode: "reset", count: 1 }]);
    await expect(connectTo(baseUrl).readCatalogue(ASK)).resolves.toMatchObject({ schemaVersion: "1.4.0" });
    expect(plm.requests()[CATALOGUE]).toBe(2);
  });

  test("that ruined an answer once: its tag is not remembered", async () => {
    const { plm, baseUrl } = await startPlm();
    const client = connectTo(baseUrl);
    plm.setFaults([{ path: CATALOGUE, mode: "malformed" }]);
    await failureOf(client.readCatalogue(ASK));
    plm.setFaults([]);
    await expect(client.readCatalogue(ASK)).resolves.toMatchObject({ models: { length: 4 } });
  });

  test("that asks for a pause: how long, for the circuit", async () => {
    const { plm, baseUrl } = await startPlm();
    plm.setFaults([{ path: CATALOGUE, mode: "rate-limit" }]);
    const failure = await failureOf(connectTo(baseUrl).readCatalogue(ASK));
    expect(failure.details.retryAfterMs).toBe(1000);
  });

  test("nobody listens: UNAVAILABLE", async () => {
    const failure = await failureOf(connectTo("http://127.0.0.1:1").readCatalogue(ASK));
    expect(failure).toMatchObject({
      reason: "UNAVAILABLE",
      message: "Nothing listens where the PLM should be (ECONNREFUSED)",
    });
  });

  test.each([
    ["an error without a code", new Error("no way to 10.0.0.1"), "The PLM cannot be reached"],
    ["a mistake of ours", new TypeError("10.0.0.1 is not a host"), "The PLM cannot be reached (TypeError)"],
  ])("%s: UNAVAILABLE, and its words are for the log", (_what, cause, message) => {
    const failure = toPlmFailure(cause, { deadlineMs: 100 });
    expect(failure).toMatchObject({ reason: "UNAVAILABLE", message, cause });
  });
});

describe("an answer that cannot be right", () => {
  const envelope = (models: unknown) => ({ schemaVersion: "1", correlationId: "c", data: { models } });
  const product = (code: string, more: object = {}) => ({ id: `id-${code}`, code, name: code, ...more });
  const bodies: Record<string, { body: unknown; problem: string }> = {
    "a model without trims": { body: envelope([product("A")]), problem: "data.models.0.trims" },
    "a blank code": { body: envelope([product(" ", { trims: [] })]), problem: "data.models.0.code" },
    "no envelope": { body: [], problem: "body" },
  };
  for (const [name, { body, problem }] of Object.entries(bodies)) {
    test(`${name}: MALFORMED, naming it`, async () => {
      const baseUrl = await startHandmadePlm((_request, response) =>
        response.setHeader("content-type", "application/json").end(JSON.stringify(body)),
      );
      const failure = await failureOf(connectTo(baseUrl).readCatalogue(ASK));
      expect(failure.reason).toBe("MALFORMED");
      expect(failure.message).toContain(problem);
    });
  }

  test("more fields than we know: fine", async () => {
    const body = { ...envelope([product("A", { trims: [], weight: 3 })]), page: 1 };
    const baseUrl = await startHandmadePlm((_request, response) =>
      response.setHeader("content-type", "application/vnd.plm+json; charset=utf-8").end(JSON.stringify(body)),
    );
    await expect(connectTo(baseUrl).readCatalogue(ASK)).resolves.toMatchObject({ models: [{ code: "A" }] });
  });

  test("more than 8 MiB: MALFORMED, without reading all of it", async () => {
    const baseUrl = await startHandmadePlm((_request, response) => {
      response.setHeader("content-type", "application/json");
      const block = "x".repeat(1_048_576);
      for (let blocks = 0; blocks < 9; blocks += 1) response.write(block);
      response.end();
    });
    const failure = await failureOf(connectTo(baseUrl, { deadlineMs: 5000 }).readCatalogue(ASK));
    expect(failure).toMatchObject({ reason: "MALFORMED", message: expect.stringContaining("8388608 bytes") });
  });

  test("304 to a first question: MALFORMED", async () => {
    const baseUrl = await startHandmadePlm((_request, response) => response.writeHead(304).end());
    expect(await failureOf(connectTo(baseUrl).readCatalogue(ASK))).toMatchObject({ reason: "MALFORMED" });
  });

  test("a redirect: MALFORMED, and not followed", async () => {
    const baseUrl = await startHandmadePlm((_request, response) =>
      response.writeHead(302, { location: "http://127.0.0.1:1/elsewhere" }).end(),
    );
    expect(await failureOf(connectTo(baseUrl).readCatalogue(ASK))).toMatchObject({ reason: "MALFORMED" });
  });

  test("G23: a correlation id that is no id: ours is kept", async () => {
    const baseUrl = await startHandmadePlm((_request, response) =>
      response
        .writeHead(200, { "content-type": "application/json", "x-correlation-id": "<script>" })
        .end(JSON.stringify(envelope([]))),
    );
    await expect(connectTo(baseUrl).readCatalogue(ASK)).resolves.toMatchObject({ correlationId: "test-1" });
  });
});

describe("many calls at once", () => {
  test("wait for a free place, but never beyond the deadline, and never more than fifty", async () => {
    const { plm, baseUrl } = await startPlm();
    const client = connectTo(baseUrl, { deadlineMs: 300, maxConcurrent: 2 });
    await client.readCatalogue(ASK);
    plm.setFaults([{ path: CATALOGUE, mode: "hang" }]);
    const startedAt = performance.now();
    const failures = await Promise.all(
      Array.from({ length: 60 }, () => failureOf(client.readCatalogue(ASK))),
    );
    expect(performance.now() - startedAt).toBeLessThan(800);
    const rejected = failures.filter(({ details }) => !details.countsForCircuit);
    expect(rejected.map(({ message }) => message)).toEqual(
      Array(8).fill("Too many calls to the PLM are waiting already"),
    );
    expect(failures.filter(({ reason }) => reason === "TIMEOUT")).toHaveLength(52);
  });
});
