import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject, insertRun } from "../fixtures.ts";
import { postWebhook, receipt, startPlms, tellManager, type RunningPlms } from "../support.ts";

let database: TestDatabase;
let plms: RunningPlms;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database);
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const asManager = <T>(query: string, variables?: Record<string, unknown>) =>
  tellManager<T>(plms, query, variables);

describe("a lane override", () => {
  const OVERRIDE = `mutation ($task: ID!, $lane: Int!, $reason: String) {
    overrideLane(taskId: $task, laneId: $lane, reason: $reason) { __typename
      ... on OverrideLaneSuccess { override { taskName predictedLane { id } correctedLane { id } reason correctedBy } }
      ... on UserError { code } } }`;
  const override = (task: string | undefined, lane: number, reason?: string) =>
    asManager<{ overrideLane: object }>(OVERRIDE, { task, lane, reason });

  test("moves the task, is remembered, and happens once", async () => {
    await database.db.insertInto("plms.lanes").values({ id: 5100, name: "Data-Schema" }).execute();
    const { id, taskIds } = await insertProject(database);
    const corrected = {
      taskName: "Task 0",
      predictedLane: { id: 4200 },
      correctedLane: { id: 5100 },
      reason: "it is a schema",
      correctedBy: "ada",
    };
    expect(await override(taskIds[0], 5100, "it is a schema")).toEqual({
      overrideLane: { __typename: "OverrideLaneSuccess", override: corrected },
    });
    expect(await override(taskIds[0], 5100)).toMatchObject({ overrideLane: { code: "CONFLICT" } });
    const query = `query ($id: ID!) { project(id: $id) { laneOverrides { taskName reason } tasks(laneId: 5100) { totalCount } } }`;
    expect(await asManager(query, { id })).toEqual({
      project: {
        laneOverrides: [{ taskName: "Task 0", reason: "it is a schema" }],
        tasks: { totalCount: 1 },
      },
    });
  });

  test("of a task, a lane or a tenant that is not there is refused", async () => {
    const { taskIds } = await insertProject(database, { tenant: "acme" });
    expect(await override(taskIds[0], 4200)).toMatchObject({ overrideLane: { code: "NOT_FOUND" } });
    expect(await override("nonsense", 4200)).toMatchObject({ overrideLane: { code: "NOT_FOUND" } });
    expect(await override("1", 9999)).toMatchObject({ overrideLane: { code: "BAD_USER_INPUT" } });
    expect(await override("1", 4200, " ")).toMatchObject({ overrideLane: { code: "BAD_USER_INPUT" } });
  });

  test("of a task that was charged for already is refused", async () => {
    const run = await insertRun(database);
    await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
      run_id: run.executorRunId,
      receipts: [receipt({ task_id: run.taskIds[0] })],
    });
    expect(await override(run.taskIds[0], 5100)).toMatchObject({ overrideLane: { code: "CONFLICT" } });
  });
});

describe("a lane override that is taken back", () => {
  const OVERRIDE = `mutation ($task: ID!, $lane: Int!) { overrideLane(taskId: $task, laneId: $lane) {
    ... on OverrideLaneSuccess { override { id removedBy removedAt } } } }`;
  const REMOVE = `mutation ($id: ID!) { removeLaneOverride(overrideId: $id) { __typename
    ... on RemoveLaneOverrideSuccess { override { predictedLane { id } correctedLane { id } removedBy removedAt } }
    ... on UserError { code message } } }`;
  const override = async (task: string | undefined, lane: number) =>
    (await asManager<{ overrideLane: { override: { id: string } } }>(OVERRIDE, { task, lane })).overrideLane
      .override;
  const remove = async (id: string) =>
    (await asManager<{ removeLaneOverride: object }>(REMOVE, { id })).removeLaneOverride;
  const lanes = async () => {
    for (const id of [5101, 5102]) {
      const lane = database.db.insertInto("plms.lanes").values({ id, name: `Lane ${id}` });
      await lane.onConflict((conflict) => conflict.doNothing()).execute();
    }
  };

  test("puts the task back, is listed no more, and stays on record", async () => {
    await lanes();
    const { id, taskIds } = await insertProject(database);
    const made = await override(taskIds[0], 5101);
    expect(made).toMatchObject({ removedBy: null, removedAt: null });
    expect(await remove(made.id)).toEqual({
      __typename: "RemoveLaneOverrideSuccess",
      override: {
        predictedLane: { id: 4200 },
        correctedLane: { id: 5101 },
        removedBy: "ada",
        removedAt: expect.any(String),
      },
    });
    const query = `query ($id: ID!) { project(id: $id) { laneOverrides { id } tasks(laneId: 4200) { totalCount } } }`;
    expect(await asManager(query, { id })).toEqual({
      project: { laneOverrides: [], tasks: { totalCount: 2 } },
    });
    const kept = database.db.selectFrom("plms.lane_overrides").select(["corrected_by", "removed_by"]);
    expect(await kept.where("id", "=", made.id).execute()).toEqual([
      { corrected_by: "ada", removed_by: "ada" },
    ]);
    expect(await remove(made.id)).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("taken back already"),
    });
  });

  test("has to be the newest of its task", async () => {
    await lanes();
    const { taskIds } = await insertProject(database);
    const first = await override(taskIds[0], 5101);
    const second = await override(taskIds[0], 5102);
    expect(await remove(first.id)).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("corrected again"),
    });
    expect(await remove(second.id)).toMatchObject({ override: { predictedLane: { id: 5101 } } });
    expect(await remove(first.id)).toMatchObject({ override: { predictedLane: { id: 4200 } } });
  });

  test("cannot be of a task that was charged for since", async () => {
    await lanes();
    const run = await insertRun(database);
    const made = await override(run.taskIds[0], 5101);
    await postWebhook(`${plms.url}/webhooks/pas/receipts`, {
      run_id: run.executorRunId,
      receipts: [receipt({ task_id: run.taskIds[0] })],
    });
    expect(await remove(made.id)).toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("charged for already"),
    });
  });

  test("is written into the audit log, refused or not", async () => {
    await remove("424242");
    const rows = database.db.selectFrom("plms.audit_log").select(["entity_type", "entity_id", "code"]);
    expect(
      await rows.where("action", "=", "removeLaneOverride").where("entity_id", "=", "424242").execute(),
    ).toEqual([{ entity_type: "LaneOverride", entity_id: "424242", code: "NOT_FOUND" }]);
  });
});
