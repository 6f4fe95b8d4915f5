import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject, insertRun } from "../fixtures.ts";
import { ask, identity, postWebhook, receipt, startPlms, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const QUERY = `{ portfolio { running queued lanes { lane { id } capacity running queued utilization }
  projects { project { id } running queued share fairShare } } }`;
const viewer = (tenant = "default") => identity({ tenant, scopes: ["projects.view", "portfolio.view"] });

test("the portfolio shows open work of executing runs, of the caller's tenant alone, less what has a receipt", async () => {
  const six = { tasks: Array.from({ length: 6 }, () => "simple" as const) };
  const run = await insertRun(database, {}, six);
  await insertRun(database, {}, { ...six, tenant: "acme" });
  await insertRun(database, { status: "completed" }, six);
  await insertProject(database);
  const open = (running: number, queued: number) => ({
    portfolio: {
      running,
      queued,
      lanes: [{ lane: { id: 4200 }, capacity: 3, running, queued, utilization: running / 3 }],
      projects: [{ project: { id: run.projectId }, running, queued, share: 1, fairShare: 1 }],
    },
  });
  expect((await ask(plms, QUERY, { as: viewer() })).data).toEqual(open(3, 3));
  await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
    run_id: run.executorRunId,
    receipts: run.taskIds.slice(0, 4).map((task_id) => receipt({ task_id })),
  });
  expect((await ask(plms, QUERY, { as: viewer() })).data).toEqual(open(2, 0));
  expect((await ask(plms, QUERY, { as: viewer("nobody's") })).data).toMatchObject({
    portfolio: { projects: [] },
  });
});

test("the portfolio needs portfolio.view", async () => {
  expect((await ask(plms, QUERY, { as: identity() })).errors).toMatchObject([
    { message: "Missing scope: portfolio.view" },
  ]);
});
