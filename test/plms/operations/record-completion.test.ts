import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordCompletion } from "../../../subgraphs/plms/operations/record-completion.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun, type RunSpec } from "../fixtures.ts";
import { codeOf, createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));

let ids = 0;
const newId = () => `id-${(ids += 1)}`;
const executingRun = (spec: RunSpec = {}) => insertRun(database, spec);

describe("a completion", () => {
  const complete = (
    run: { projectId: string; executorRunId: string },
    validationPass: boolean | null,
    { messageId = newId(), completedAt = new Date("2026-03-01T07:00:00Z") } = {},
  ) =>
    recordCompletion(ports, {
      ...run,
      messageId,
      validationPass,
      completedAt,
    });
  const endOf = (runId: string) =>
    database.db
      .selectFrom("plms.project_runs as run")
      .innerJoin("plms.projects as project", "project.id", "run.project_id")
      .select([
        "run.version",
        "run.status",
        "run.validation_pass",
        "run.completed_at",
        "project.status as project",
      ])
      .where("run.id", "=", runId)
      .executeTakeFirstOrThrow();

  test.each([
    [true, "completed", "completed"],
    [null, "completed", "completed"],
    [false, "needs_review", "needs_review"],
  ] as const)(
    "with validation_pass %s makes the run %s and the project %s",
    async (validationPass, status, project) => {
      const run = await executingRun();
      await complete(run, validationPass);
      expect(await endOf(run.id)).toMatchObject({
        status,
        validation_pass: validationPass,
        completed_at: new Date("2026-03-01T07:00:00Z"),
        project,
      });
    },
  );

  test("by a clock ahead of ours is of now, so that the runs after it come after it", async () => {
    const run = await executingRun();
    const now = ports.clock.now();
    await complete(run, true, { completedAt: new Date(now.getTime() + 3_600_000) });
    expect(await endOf(run.id)).toMatchObject({ completed_at: now });
  });

  test("counts once, and a later one changes nothing", async () => {
    const run = await executingRun();
    await complete(run, true, { messageId: "message-2" });
    await complete(run, true, { messageId: "message-2" });
    await complete(run, false);
    expect(await endOf(run.id)).toMatchObject({ status: "completed", validation_pass: true });
    expect(await endOf(run.id)).toMatchObject({ version: "2" });
  });

  test("leaves the project executing while another run goes on", async () => {
    const run = await executingRun();
    const { db } = database;
    await db
      .updateTable("plms.projects")
      .set({ status: "executing" })
      .where("id", "=", run.projectId)
      .execute();
    await db
      .insertInto("plms.project_runs")
      .values({
        project_id: run.projectId,
        kind: "hotfix",
        status: "executing",
        provider_matrix: "{}",
        tasks_total: 1,
        created_by: "test",
      })
      .execute();
    await complete(run, true);
    expect(await endOf(run.id)).toMatchObject({ status: "completed", project: "executing" });
  });

  test("of a rehearsal leaves the project as it is", async () => {
    const run = await executingRun({ kind: "rehearsal" });
    await complete(run, true);
    expect(await endOf(run.id)).toMatchObject({ status: "completed", project: "approved" });
  });

  test("is refused for the wrong project and retryable for an unknown run", async () => {
    const run = await executingRun();
    expect(await codeOf(complete({ ...run, projectId: "77777" }, true))).toBe("BAD_USER_INPUT");
    expect(await codeOf(complete({ ...run, executorRunId: "nobody" }, true))).toBe("CONFLICT");
    expect(await endOf(run.id)).toMatchObject({ status: "executing" });
  });
});
