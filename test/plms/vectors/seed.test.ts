import { execFile } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overrideLane } from "../../../subgraphs/plms/operations/lane-overrides.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { restClient, tokenOf } from "../rest/client.ts";
import { COMPILED } from "../../support/script.ts";
import { createTestPorts, startPas, startPlms, type RunningPlms } from "../support.ts";
import { serverAt, type Answer, type Server } from "./server.ts";
import { judge, VECTORS } from "./vectors.ts";

/**
 * The test vectors, groups 1-10, as anybody runs them against a server, and what only our own database and executor can
 * tell of them; there every answer is also checked against the OpenAPI document.
 */
let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let plms: RunningPlms;
let ada: ReturnType<typeof restClient>;
let ids: string[];

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase({ seed: true }), startPas()]);
  plms = await startPlms(database, { pasUrl: pas.baseUrl });
  ada = restClient(plms.url, await tokenOf());
  const projects = await database.db.selectFrom("plms.projects").select("id").orderBy("id").execute();
  ids = projects.map(({ id }) => id);
});
afterAll(async () => {
  await plms.close();
  await Promise.all([database.close(), pas.close()]);
});

const at = (path: string, index = 0) => `/api/projects/${ids[index]}/${path}`;
const key = (value: string) => ({ "idempotency-key": value });

/** Runs the script on a server; what it prints, and its exit code. */
async function vectors(url: string, token: string) {
  const env = {
    ...COMPILED,
    PATH: process.env["PATH"],
    PLMS_API_BASE_URL: url,
    PLMS_API_TOKEN: token,
    PLMS_PROJECT_IDS: [1, 3, 4].map((index) => ids[index]).join(),
  };
  return promisify(execFile)(process.execPath, [resolve(import.meta.dirname, "main.ts")], { env }).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
  );
}

describe("npm run vectors", () => {
  test("passes on our façade, with a line for each", async () => {
    const { stdout, code } = await vectors(plms.url, await tokenOf());
    expect(stdout.match(/^FAIL.*\n.*$/gm) ?? []).toEqual([]);
    expect(code).toBe(0);
    expect(stdout.match(/^pass /gm)).toHaveLength(VECTORS.length);
    expect(stdout).toContain(`${VECTORS.length} passed, 0 failed: ${plms.url}`);
  });

  test("fails on a server that answers everything with {}, and says what it expected", async () => {
    const server = createServer((_request, response) => response.end("{}"));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { stdout, code } = await vectors(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, "t");
    server.close();
    expect(code).toBe(1);
    expect(stdout.match(/^FAIL /gm)).toHaveLength(VECTORS.length);
    expect(stdout).toContain("expected 422, got 200: {}");
  });

  /** What a server does wrong, and how many of its promises it breaks by that. */
  const wrongs: [what: string, name: string, spoil: (answer: Answer, path: string) => Answer][] = [
    [
      "starts another run at every retry",
      "a retry with the same key gives the same run, and says that it does",
      (answer, path) =>
        path.endsWith("/start") && answer.status === 200
          ? { ...answer, body: { ...(answer.body as object), run_id: `run-${Math.random()}` } }
          : answer,
    ],
    [
      "has a status of its own for the runway",
      "the runway tells how long the budget lasts, and how that is",
      (answer, path) =>
        path.endsWith("/budget-runway")
          ? { ...answer, body: { ...(answer.body as object), status: "fine" } }
          : answer,
    ],
    [
      "refuses an empty body that says that it is JSON",
      "a simulation of one per cent covers every complexity, with an empty body that says that it is JSON",
      (answer, path) => (path.includes("=0.01") ? { ...answer, status: 400 } : answer),
    ],
    [
      "takes a share out of range for a bad request",
      "a share out of range is refused with 422",
      (answer) =>
        answer.status === 422 && "field" in Object(answer.body) ? { ...answer, status: 400 } : answer,
    ],
  ];
  test.each(wrongs)("fails on a server that %s, in that alone", async (_what, name, spoil) => {
    const right = serverAt(plms.url, await tokenOf());
    const server: Server = {
      get: async (path, headers) => spoil(await right.get(path, headers), path),
      post: async (path, body, headers) => spoil(await right.post(path, body, headers), path),
    };
    const failures: string[] = [];
    await judge(
      { server, projectIds: [1, 3, 4].map((index) => ids[index] ?? ""), laneId: 4200 },
      (verdict) => {
        if (verdict.problem !== null) failures.push(verdict.name);
      },
    );
    expect(failures).toEqual([name]);
  });
});

describe("groups 1 and 2: starting", () => {
  test("answers with a run of PAS, and a retry with the same key with the same run", async () => {
    const call = () => ada.post(at("start"), { run_kind: "baseline" }, key("test-uuid-12345"));
    const [first, retry] = [await call(), await call()];
    expect(first.body).toMatchObject({ status: "executing", run_id: expect.stringMatching(/^run-/) });
    expect(first.headers.get("idempotent-replay")).toBe("false");
    expect(retry).toMatchObject({ status: 200, body: first.body });
    expect(retry.headers.get("idempotent-replay")).toBe("true");
    const runs = await database.db
      .selectFrom("plms.project_runs")
      .select("executor_run_id")
      .where("project_id", "=", ids[0] ?? "")
      .execute();
    expect(runs).toEqual([{ executor_run_id: first.body["run_id"] }]);
  });
});

describe("group 5: lane overrides", () => {
  test("are listed with who corrected what", async () => {
    const ports = createTestPorts(database, { baseUrl: pas.baseUrl });
    const [task] = await ports.projects.allTasks(ids[1] ?? "");
    const laneId = task?.laneId === 4203 ? 4204 : 4203;
    await overrideLane(
      ports,
      { tenant: "default", subject: "ada", correlationId: "t" },
      { taskId: task?.id ?? "", laneId },
    );
    await ports.executor.close();
    expect((await ada.get(at("lane-overrides", 1))).body).toEqual([
      {
        task_id: task?.id,
        task_description: task?.description ?? task?.name,
        predicted_lane: task?.laneId,
        corrected_lane: laneId,
        corrected_by: "ada",
        corrected_at: expect.any(String),
      },
    ]);
    expect((await ada.get(at("lane-overrides", 2))).body).toEqual([]);
  });
});

describe("groups 6 and 7: runway and risk", () => {
  test("tell how long the budget lasts", async () => {
    expect((await ada.get(at("budget-runway", 1))).body).toMatchObject({
      budget: { usd_max: expect.any(Number), usd_spent: 0, burn_per_min: 0 },
      runway: { minutes_to_depletion: null, projected_overrun_usd: expect.any(Number) },
      status: expect.stringMatching(/^(ok|warning|critical)$/),
    });
  });

  test("tell which lanes are at risk, and what the levels mean", async () => {
    const { body } = await ada.get(at("risk-heatmap"));
    expect(body["lanes"]).not.toHaveLength(0);
    expect(body["legend"]).toMatchObject({ low: "mae_pct < 0.15 and ci_width_pct < 0.3" });
  });

  test("tell whether the estimates of a lane drift", async () => {
    expect((await ada.get(at("estimation-drift?lane_id=4200"))).body).toEqual({
      lane_id: 4200,
      lane_name: "Code-API",
      history: [],
      trend: "stable",
    });
    for (const query of ["", "?lane_id=", "?lane_id=1", "?lane_id=x", "?lane_id=4200.5"]) {
      expect(await ada.get(at(`estimation-drift${query}`))).toMatchObject({
        status: 400,
        body: { field: "lane_id" },
      });
    }
  });
});

describe("group 8: rehearsal", () => {
  test("of one per cent is simulated without PAS, and covers every complexity", async () => {
    const before = pas.requests();
    const { body } = await ada.post(at("simulate?rehearsal_pct=0.01"));
    expect(body).toMatchObject({
      simulation_results: {
        extrapolated_full: { ci_90: { cost_usd: [expect.any(Number), expect.any(Number)] } },
      },
      sampling_metrics: { n_total: 220, requested_pct: 0.01, strata_coverage: 1, auto_bumped: true },
      warnings: [expect.any(String)],
    });
    expect(pas.requests()).toEqual(before);
  });
});

describe("group 9: errors", () => {
  test.each(["0", "0.0009", "0.21", "1", "-1", "x", "NaN", "1e999"])(
    "are 422 for a share of %s",
    async (pct) => {
      expect(await ada.post(at(`simulate?rehearsal_pct=${pct}`))).toMatchObject({
        status: 422,
        body: { field: "rehearsal_pct", allowed: "a number from 0.001 to 0.2" },
      });
    },
  );

  test("are 422 for a sandbox that is neither true nor false", async () => {
    expect((await ada.post(at("simulate?write_sandbox=maybe"))).status).toBe(422);
  });
});
