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

  test("without using up the key", async () => {
    const { id: projectId } = await insertProject(database);
    const idempotencyKey = newKey();
    await codeOf(startProject(at, ada, { projectId, writeSandbox: true, idempotencyKey }));
    expect((await startProject(at, ada, { projectId, idempotencyKey })).replayed).toBe(false);
  });
});
