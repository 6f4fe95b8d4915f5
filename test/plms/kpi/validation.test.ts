import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, createTestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { type InsertedRun, insertRun } from "../fixtures.ts";
import { type RunningPlms, ask, dataOf, identity, postWebhook, startPlms } from "../support.ts";
import { tmpdir } from "node:os";

let database: TestDatabase;
let plms: RunningPlms;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifecycle-kpi-"));
  database = await createTestDatabase();
  plms = await startPlms(database, { env: { ARTIFACTS_DIR: folder, RECONCILE_SECONDS: "3600" } });
});
afterAll(async () => {
  await plms.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const boss = identity({ scopes: ["projects.view", "projects.manage"] });
const RUN = `query ($id: ID!) { projectRun(id: $id) { status statusReason validationPass
  kpiResults { kpi laneId taskId value operator threshold pass detail } } }`;
interface Shown {
  projectRun: {
    status: string;
    statusReason: string | null;
    validationPass: boolean | null;
    kpiResults: object[];
  };
}
const shown = async (id: string) => (await dataOf<Shown>(ask(plms, RUN, { as: boss, id }))).projectRun;

async function artifacts(run: InsertedRun, place: string, files: Record<string, unknown>): Promise<void> {
  const path = join(folder, `project-${run.projectId}`, run.executorRunId, place);
  await mkdir(path, { recursive: true });
  for (const [file, content] of Object.entries(files))
    await writeFile(join(path, file), JSON.stringify(content));
}
const good = { "test_pass_rate.json": { passed: 19, total: 20 }, "linter_pass.json": { diagnostics: [] } };
const complete = (run: InsertedRun, validation_pass: boolean | null = true) =>
  postWebhook(`${plms.url}/webhooks/pas/completion`, {
    project_id: run.projectId,
    run_id: run.executorRunId,
    validation_pass,
  });
const validate = (runId: string, as = boss) =>
  ask(
    plms,
    `mutation ($runId: ID!) { runKpiValidators(runId: $runId) { ... on KpiValidation { run { status } results { pass } } ... on UserError { code } } }`,
    { as, runId },
  );

describe("a run that the executor has finished", () => {
  test("is completed by its KPIs when it meets the gates of its lanes", async () => {
    const run = await insertRun(database);
    await artifacts(run, "lane-4200", good);
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "COMPLETED");
    expect(await shown(run.id)).toEqual({
      status: "COMPLETED",
      statusReason: null,
      validationPass: true,
      kpiResults: [
        {
          kpi: "linter_pass",
          laneId: 4200,
          taskId: null,
          value: true,
          operator: "==",
          threshold: true,
          pass: true,
          detail: "0 findings",
        },
        {
          kpi: "test_pass_rate",
          laneId: 4200,
          taskId: null,
          value: 0.95,
          operator: ">=",
          threshold: 0.9,
          pass: true,
          detail: "19 of 20 tests passed",
        },
      ],
    });
  });

  test("needs review when it does not, with the KPI, its value and the gate; a new measurement can complete it", async () => {
    const run = await insertRun(database);
    await artifacts(run, "lane-4200", { ...good, "test_pass_rate.json": { passed: 1, total: 2 } });
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "NEEDS_REVIEW");
    expect(await shown(run.id)).toMatchObject({
      validationPass: false,
      statusReason: "test_pass_rate of lane 4200 is 0.5, not >= 0.9",
    });
    await artifacts(run, "lane-4200", good);
    expect((await validate(run.id)).data).toEqual({
      runKpiValidators: { run: { status: "COMPLETED" }, results: [{ pass: true }, { pass: true }] },
    });
    expect(await shown(run.id)).toMatchObject({ validationPass: true, statusReason: null });
  });

  test("needs review without artifacts: what cannot be measured never passes", async () => {
    const run = await insertRun(database);
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "NEEDS_REVIEW");
    expect((await shown(run.id)).kpiResults).toMatchObject([
      { kpi: "linter_pass", value: false, pass: false, detail: expect.stringContaining("is not there") },
      { kpi: "test_pass_rate", value: 0, pass: false },
    ]);
  });

  test("needs review at once when the executor itself finds it invalid", async () => {
    const run = await insertRun(database);
    await complete(run, false);
    expect(await shown(run.id)).toMatchObject({ status: "NEEDS_REVIEW", kpiResults: [] });
  });

  test("has to meet the formulas of its tasks, too", async () => {
    const run = await insertRun(database);
    const taskId = run.taskIds[0] ?? "";
    await database.db
      .updateTable("plms.task_estimates")
      .set({ kpi_formula: JSON.stringify({ readability: { "<=": 4 }, unheard_of: { ">=": 1 } }) })
      .where("id", "=", taskId)
      .execute();
    await artifacts(run, "lane-4200", good);
    await artifacts(run, `task-${taskId}`, { "readability.txt": "See it run." });
    await complete(run);
    await waitFor(async () => (await shown(run.id)).status === "NEEDS_REVIEW");
    expect((await shown(run.id)).kpiResults.slice(2)).toMatchObject([
      { kpi: "readability", taskId, pass: true },
      { kpi: "unheard_of", taskId, value: false, pass: false, detail: "No such KPI is registered" },
    ]);
  });

  test("whose id leads somewhere else reads nothing there", async () => {
    const run = await insertRun(database);
    const executorRunId = `../../${run.executorRunId}`;
    await database.db
      .updateTable("plms.project_runs")
      .set({ executor_run_id: executorRunId, status: "validating" })
      .where("id", "=", run.id)
      .execute();
    await waitFor(async () => (await shown(run.id)).status === "NEEDS_REVIEW");
    expect((await shown(run.id)).kpiResults).toMatchObject([
      { pass: false, detail: expect.stringContaining("cannot be the name of a folder") },
      { pass: false },
    ]);
  });
});

describe("validating by hand", () => {
  test("is for runs that wait for it, of the caller's tenant", async () => {
    const executing = await insertRun(database);
    const foreign = await insertRun(database, {}, { tenant: "acme" });
    expect((await validate(executing.id)).data).toEqual({ runKpiValidators: { code: "CONFLICT" } });
    for (const id of [foreign.id, "999999999", "x"]) {
      expect((await validate(id)).data).toEqual({ runKpiValidators: { code: "NOT_FOUND" } });
    }
  });

  test("needs projects.manage", async () => {
    expect((await validate("1", identity())).errors).toMatchObject([
      { message: "Missing scope: projects.manage" },
    ]);
  });
});

test("the registry says which KPIs can be measured and which lanes are held to them", async () => {
  const { kpiValidators } = await dataOf<{
    kpiValidators: { name: string; isUsable: boolean; gates: object[] }[];
  }>(
    ask(
      plms,
      "{ kpiValidators { name description isUsable missing timeoutSeconds gates { laneId operator threshold } } }",
    ),
  );
  expect(kpiValidators).toHaveLength(7);
  expect(kpiValidators.find(({ name }) => name === "readability")).toMatchObject({
    isUsable: true,
    missing: null,
    timeoutSeconds: 60,
    gates: [
      { laneId: 4204, operator: "<=", threshold: 10 },
      { laneId: 6100, operator: "<=", threshold: 12 },
    ],
  });
});
