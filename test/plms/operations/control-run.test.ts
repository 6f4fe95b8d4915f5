import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { controlRun } from "../../../subgraphs/plms/operations/control-run.ts";
import type { Principal } from "../../../subgraphs/plms/operations/principal.ts";
import { startProject } from "../../../subgraphs/plms/operations/start-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject, insertRun } from "../fixtures.ts";
import { codeOf, createTestPorts, startPas, type TestPorts } from "../support.ts";

const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let ports: TestPorts;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  ports = createTestPorts(database, { baseUrl: pas.baseUrl });
});
afterAll(() => Promise.all([database.close(), pas.close(), ports.executor.close()]));

let keys = 0;
async function executing() {
  const { id: projectId } = await insertProject(database);
  return (await startProject(ports, ada, { projectId, idempotencyKey: `control-${(keys += 1)}` })).run;
}
const statusAt = async (executorRunId: string | null) =>
  (await ports.executor.find({ executorRunId: executorRunId ?? "" }))?.status;
const projectStatus = async (id: string) =>
  (
    await database.db
      .selectFrom("plms.projects")
      .select("status")
      .where("id", "=", id)
      .executeTakeFirstOrThrow()
  ).status;
const pausesOf = (id: string) =>
  database.db
    .selectFrom("plms.project_runs")
    .select(["paused_at", "paused_ms"])
    .where("id", "=", id)
    .executeTakeFirstOrThrow();

describe("a run", () => {
  test("is paused, resumed and cancelled, here and at the executor, and its project with it", async () => {
    const run = await executing();
    const steps = [
      ["pause", "paused", "paused"],
      ["resume", "executing", "executing"],
      ["cancel", "cancelled", "needs_review"],
    ] as const;
    for (const [action, status, project] of steps) {
      const reason = action === "cancel" ? { reason: "too slow" } : {};
      const changed = await controlRun(ports, ada, { runId: run.id, action, ...reason });
      expect(changed).toMatchObject({ status, statusReason: action === "cancel" ? "too slow" : null });
      expect(await statusAt(run.executorRunId)).toBe(status);
      expect(await projectStatus(run.projectId)).toBe(project);
    }
  });

  test("remembers how long it was paused", async () => {
    const run = await executing();
    await controlRun(ports, ada, { runId: run.id, action: "pause" });
    ports.clock.advance(90_000);
    await controlRun(ports, ada, { runId: run.id, action: "resume" });
    expect(await pausesOf(run.id)).toEqual({ paused_at: null, paused_ms: 90_000 });
  });

  test("that is paused already stays as it is, and nobody is asked", async () => {
    const run = await executing();
    await controlRun(ports, ada, { runId: run.id, action: "pause" });
    const path = `/pas/runs/${run.executorRunId}/pause`;
    const before = pas.requests()[path];
    expect((await controlRun(ports, ada, { runId: run.id, action: "pause" })).status).toBe("paused");
    expect(pas.requests()[path]).toBe(before);
  });

  test("paused twenty times at once is paused", async () => {
    const run = await executing();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => controlRun(ports, ada, { runId: run.id, action: "pause" })),
    );
    expect(results.every((result) => result.status === "fulfilled" && result.value.status === "paused")).toBe(
      true,
    );
  });

  test("that is over cannot be steered", async () => {
    const { id: runId } = await insertRun(database, { status: "completed" });
    for (const action of ["pause", "resume", "cancel"] as const) {
      expect(await codeOf(controlRun(ports, ada, { runId, action, reason: "x" }))).toBe("CONFLICT");
    }
  });

  test("that the executor has forgotten can be cancelled, and nothing else", async () => {
    const { id: runId } = await insertRun(database);
    expect(await codeOf(controlRun(ports, ada, { runId, action: "pause" }))).toBe("CONFLICT");
    expect(await controlRun(ports, ada, { runId, action: "cancel", reason: "gone" })).toMatchObject({
      status: "cancelled",
      statusReason: "gone",
    });
  });

  test("stays as it is while the executor does not answer", async () => {
    const run = await executing();
    pas.setFaults([{ path: "/pas/runs/*", mode: "status", status: 500 }]);
    expect(await codeOf(controlRun(ports, ada, { runId: run.id, action: "pause" }))).toBe(
      "EXECUTOR_UNAVAILABLE",
    );
    pas.setFaults([]);
    expect(await statusAt(run.executorRunId)).toBe("executing");
    expect((await controlRun(ports, ada, { runId: run.id, action: "pause" })).status).toBe("paused");
  });

  test("of another tenant, or none at all, does not exist", async () => {
    const run = await executing();
    for (const [as, runId] of [
      [{ ...ada, tenant: "acme" }, run.id],
      [ada, "999999999"],
      [ada, "../etc/passwd"],
      [ada, ""],
    ] as const) {
      expect(await codeOf(controlRun(ports, as, { runId, action: "cancel", reason: "x" }))).toBe("NOT_FOUND");
    }
  });

  test.each([[""], ["  "], ["x".repeat(501)], ["a\0b"]])(
    "is not cancelled for the reason %j",
    async (reason) => {
      const run = await executing();
      expect(await codeOf(controlRun(ports, ada, { runId: run.id, action: "cancel", reason }))).toBe(
        "BAD_USER_INPUT",
      );
    },
  );
});
