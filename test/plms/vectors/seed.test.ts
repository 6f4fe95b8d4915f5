import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overrideLane } from "../../../subgraphs/plms/operations/lane-overrides.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { restClient, tokenOf } from "../rest/client.ts";
import { createTestPorts, startPas, startPlms, type RunningPlms } from "../support.ts";

/**
 * The seed's test vectors, groups 1-10, over REST on the demo data; every answer is also checked against the
 * OpenAPI document.
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

describe("groups 3 and 4: metrics", () => {
  test("come with and without credible intervals", async () => {
    const without = await ada.get(at("metrics"));
    expect(without.body).toMatchObject({
      estimated: {
        tokens: expect.any(Number),
        duration_minutes: expect.any(Number),
        cost_usd: expect.any(Number),
      },
      calibration: null,
    });
    const withThem = await ada.get(at("metrics?with_ci=true"));
    expect(withThem.body).toMatchObject({
      estimated: { tokens: { mean: expect.any(Number), ci_90: [expect.any(Number), expect.any(Number)] } },
      calibration: { lane_specific_errors: expect.any(Array) },
    });
    expect((await ada.get(at("metrics?with_ci=1"))).body).toEqual(withThem.body);
    expect(await ada.get(at("metrics?with_ci=yes"))).toMatchObject({
      status: 400,
      body: { field: "with_ci" },
    });
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

  test("starts as a run of its own kind", async () => {
    const started = await ada.post(
      at("start", 2),
      { run_kind: "rehearsal", write_sandbox: true },
      key("rehearsal-key"),
    );
    expect(started.body).toMatchObject({ status: "executing" });
  });
});

describe("group 9: errors", () => {
  test("are 400 for a missing key and a bad kind", async () => {
    expect((await ada.post(at("start"), { run_kind: "baseline" })).status).toBe(400);
    expect((await ada.post(at("start"), { run_kind: "nonsense" }, key("bad-kind-key"))).status).toBe(400);
  });

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

describe("group 10: a batch", () => {
  test("of three projects starts three runs", async () => {
    const answers = await Promise.all(
      [1, 3, 4].map((index) => ada.post(at("start", index), {}, key(`batch-key-${index}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body["run_id"])).size).toBe(3);
  });
});
