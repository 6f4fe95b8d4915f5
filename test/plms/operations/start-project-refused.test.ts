import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "../../../subgraphs/plms/operations/principal.ts";
import { startProject } from "../../../subgraphs/plms/operations/start-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { codeOf, createTestPorts, startPas, type TestPorts } from "../support.ts";

const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let at: TestPorts;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  at = createTestPorts(database, { baseUrl: pas.baseUrl });
});
afterAll(() => Promise.all([database.close(), pas.close(), at.executor.close()]));

/** A baseline run from before. */
const before = (project_id: string) => ({
  project_id,
  kind: "baseline" as const,
  status: "executing" as const,
  provider_matrix: "{}",
  tasks_total: 1,
  created_by: "test",
});

let keys = 0;
const newKey = () => `key-${(keys += 1)}`;
const runsOf = (projectId: string) =>
  database.db.selectFrom("plms.project_runs").selectAll().where("project_id", "=", projectId).execute();

describe("a start is refused", () => {
  test.each([
    ["an empty key", ""],
    ["a key of 256 characters", "x".repeat(256)],
    ["a key with a line break", "a\nb"],
  ])("with %s", async (_case, idempotencyKey) => {
    const { id: projectId } = await insertProject(database);
    const refused = startProject(at, ada, { projectId, idempotencyKey });
    await expect(refused).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "idempotencyKey", allowed: "1-255 printable ASCII characters" },
    });
  });

  test("for a baseline that writes to a sandbox", async () => {
    const { id: projectId } = await insertProject(database);
    const refused = startProject(at, ada, { projectId, writeSandbox: true, idempotencyKey: newKey() });
    await expect(refused).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "input.writeSandbox" },
    });
    expect(await runsOf(projectId)).toEqual([]);
  });

  test.each(["999999999", "no-number", "1\0"])("for a project that does not exist: %j", async (projectId) => {
    expect(await codeOf(startProject(at, ada, { projectId, idempotencyKey: newKey() }))).toBe("NOT_FOUND");
  });

  test("for a project of another tenant, as if it did not exist", async () => {
    const { id: projectId } = await insertProject(database, { tenant: "acme" });
    expect(await codeOf(startProject(at, ada, { projectId, idempotencyKey: newKey() }))).toBe("NOT_FOUND");
  });

  test("for a project without tasks", async () => {
    const { id: projectId } = await insertProject(database, { tasks: [], name: "Empty" });
    const refused = startProject(at, ada, { projectId, idempotencyKey: newKey() });
    await expect(refused).rejects.toMatchObject({
      code: "CONFLICT",
      message: 'Project "Empty" has no tasks yet; estimate it first',
    });
  });

  test.each([
    [
      { usdMax: 2 },
      "2.5",
      /The budget is used up: 2\.5 of 2 USD are spent; raise it with updateProjectBudget first/,
    ],
    [{ usdMax: 0 }, "0", /The budget is used up: 0 of 0 USD/],
  ])("on a budget of %j with %s USD spent, before the executor hears of it", async (spec, spent, message) => {
    const { id: projectId } = await insertProject(database, spec);
    await database.db
      .insertInto("plms.project_runs")
      .values({ ...before(projectId), status: "completed", usd_spent: spent })
      .execute();
    const idempotencyKey = newKey();
    const asked = pas.requests()["POST /pas/architect/submit"] ?? 0;
    const refused = startProject(at, ada, { projectId, idempotencyKey });
    await expect(refused).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(message),
    });
    expect(pas.requests()["POST /pas/architect/submit"] ?? 0).toBe(asked);
    await database.db
      .updateTable("plms.projects")
      .set({ budget_usd_max: 50 })
      .where("id", "=", projectId)
      .execute();
    expect((await startProject(at, ada, { projectId, idempotencyKey })).replayed).toBe(false);
  });

  test("beside another baseline of the project that goes on, unless that is meant", async () => {
    const { id: projectId } = await insertProject(database);
    await database.db.insertInto("plms.project_runs").values(before(projectId)).execute();
    const refused = startProject(at, ada, { projectId, idempotencyKey: newKey() });
    await expect(refused).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("wait for it, cancel it, or start with allowConcurrent: true"),
    });
    await startProject(at, ada, { projectId, runKind: "hotfix", idempotencyKey: newKey() });
    await startProject(at, ada, { projectId, allowConcurrent: true, idempotencyKey: newKey() });
    expect(await runsOf(projectId)).toHaveLength(3);
  });

  test("of all but one of several baselines that start at the same moment", async () => {
    const { id: projectId } = await insertProject(database);
    const starts = Array.from({ length: 4 }, () =>
      startProject(at, ada, { projectId, idempotencyKey: newKey() }),
    );
    const codes = await Promise.all(starts.map((start) => codeOf(start)));
    expect(codes.toSorted()).toEqual(["CONFLICT", "CONFLICT", "CONFLICT", "none"]);
  });

  test("without using up the key", async () => {
    const { id: projectId } = await insertProject(database);
    const idempotencyKey = newKey();
    await codeOf(startProject(at, ada, { projectId, writeSandbox: true, idempotencyKey }));
    expect((await startProject(at, ada, { projectId, idempotencyKey })).replayed).toBe(false);
  });
});
