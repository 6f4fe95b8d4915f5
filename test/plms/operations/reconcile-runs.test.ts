import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { purge } from "../../../subgraphs/plms/operations/purge.ts";
import type { Principal } from "../../../subgraphs/plms/operations/principal.ts";
import { reconcileRuns } from "../../../subgraphs/plms/operations/reconcile-runs.ts";
import { startProject, type StartedProject } from "../../../subgraphs/plms/operations/start-project.ts";
import { whenLeader } from "../../../subgraphs/plms/adapters/leader.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { insertProject, insertRun } from "../fixtures.ts";
import { codeOf, createTestPorts, startPas, type TestPorts } from "../support.ts";

const SUBMIT = "/pas/architect/submit";
const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let ports: TestPorts;

beforeEach(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  ports = createTestPorts(database, { baseUrl: pas.baseUrl });
});
afterEach(() => Promise.all([database.close(), pas.close(), ports.executor.close()]));

const runsOf = (projectId: string) =>
  database.db.selectFrom("plms.project_runs").selectAll().where("project_id", "=", projectId).execute();
const submissions = () => pas.requests()[SUBMIT] ?? 0;
const jobs = async () =>
  ((await (await fetch(`${pas.baseUrl}/pas/runs`)).json()) as { runs: { run_id: string }[] }).runs;
const reconcile = () => reconcileRuns(ports, quietLog);

/** Starts a project in a process that dies at a certain step. */
async function crashed(step: "before the executor" | "after the executor"): Promise<string> {
  const { id: projectId } = await insertProject(database);
  const dead = () => Promise.reject(new Error("this process is gone"));
  const dying: TestPorts = {
    ...ports,
    starts: { ...ports.starts, release: dead },
    ...(step === "before the executor"
      ? { executor: { ...ports.executor, submit: dead } }
      : { runs: { ...ports.runs, markExecuting: dead } }),
  };
  await expect(startProject(dying, ada, { projectId, idempotencyKey: randomUUID() })).rejects.toThrow("gone");
  expect(await runsOf(projectId)).toMatchObject([{ status: "submitting" }]);
  return projectId;
}

describe("a run left submitting", () => {
  test("is left alone while its lease lasts", async () => {
    await crashed("after the executor");
    expect(await reconcile()).toMatchObject({ found: 0, submitted: 0, unknown: 0 });
  });

  test("by a crash after the executor took it is found there by its key", async () => {
    const projectId = await crashed("after the executor");
    ports.clock.advance(35_001);
    expect(await reconcile()).toMatchObject({ found: 1, submitted: 0 });
    const [job] = await jobs();
    expect(await runsOf(projectId)).toMatchObject([{ status: "executing", executor_run_id: job?.run_id }]);
    expect(submissions()).toBe(1);
  });

  test("by a crash before the executor heard of it is submitted, once", async () => {
    const projectId = await crashed("before the executor");
    ports.clock.advance(35_001);
    const rounds = await Promise.all([reconcile(), reconcile(), reconcile()]);
    expect(rounds.reduce((sum, { submitted }) => sum + submitted, 0)).toBe(1);
    expect(await runsOf(projectId)).toMatchObject([{ status: "executing" }]);
    expect(await jobs()).toHaveLength(1);
  });

  test("is found even when the project's tasks have changed since", async () => {
    const projectId = await crashed("after the executor");
    await database.db
      .updateTable("plms.task_estimates")
      .set({ estimated_tokens: 1 })
      .where("project_id", "=", projectId)
      .execute();
    ports.clock.advance(35_001);
    expect(await reconcile()).toMatchObject({ found: 1 });
  });

  test("stays so while the executor is away, and the next round tries again", async () => {
    const projectId = await crashed("before the executor");
    ports.clock.advance(35_001);
    pas.setFaults([{ path: "/pas/*", mode: "status", status: 503 }]);
    expect(await reconcile()).toMatchObject({ unknown: 1 });
    pas.setFaults([]);
    ports.clock.advance(35_001);
    expect(await reconcile()).toMatchObject({ submitted: 1 });
    expect(await runsOf(projectId)).toMatchObject([{ status: "executing" }]);
  });

  test("and its caller do not submit it twice when they meet", async () => {
    const { id: projectId } = await insertProject(database);
    const call = { projectId, idempotencyKey: randomUUID() };
    pas.setFaults([{ path: SUBMIT, mode: "status", status: 500, count: 1 }]);
    expect(await codeOf(startProject(ports, ada, call))).toBe("EXECUTOR_UNAVAILABLE");
    await Promise.allSettled([reconcile(), startProject(ports, ada, call), reconcile()]);
    expect(await jobs()).toHaveLength(1);
    expect(await runsOf(projectId)).toMatchObject([{ status: "executing" }]);
  });
});

describe("a run under way", () => {
  const started = async (): Promise<StartedProject["run"]> => {
    const { id: projectId } = await insertProject(database);
    return (await startProject(ports, ada, { projectId, idempotencyKey: randomUUID() })).run;
  };
  const control = (executorRunId: string | null, action: string) =>
    fetch(`${pas.baseUrl}/pas/runs/${executorRunId}/${action}`, { method: "POST" });

  test("that is as the executor says stays as it is", async () => {
    await started();
    expect(await reconcile()).toEqual({ found: 0, submitted: 0, settled: 0, overCaps: 0, unknown: 0 });
  });

  test("that the executor lost in a restart needs review, with the reason", async () => {
    const run = await started();
    const { id: forgottenId, projectId } = await insertRun(database);
    expect(await reconcile()).toMatchObject({ settled: 1 });
    expect(await ports.runs.byIds([forgottenId])).toMatchObject([
      { status: "needs_review", statusReason: expect.stringContaining("no longer knows") },
    ]);
    expect(await ports.projects.byIds("default", [projectId])).toMatchObject([{ status: "needs_review" }]);
    expect(await ports.runs.byIds([run.id])).toMatchObject([{ status: "executing" }]);
  });

  test.each([
    ["pause", "paused"],
    ["cancel", "cancelled"],
  ])("that somebody told the executor to %s is %s", async (action, status) => {
    const run = await started();
    await control(run.executorRunId, action);
    expect(await reconcile()).toMatchObject({ settled: 1 });
    expect(await ports.runs.byIds([run.id])).toMatchObject([
      { status, statusReason: expect.stringContaining("executor") },
    ]);
  });

  test("is not judged while the executor does not answer", async () => {
    const run = await started();
    pas.setFaults([{ path: "/pas/runs/*", mode: "status", status: 500 }]);
    expect(await reconcile()).toMatchObject({ settled: 0, unknown: 1 });
    expect(await ports.runs.byIds([run.id])).toMatchObject([{ status: "executing" }]);
  });
});

describe("a run over its own limits", () => {
  const limited = async (caps: object, policy: "pause" | "ask" | "kill") => {
    const { id: projectId } = await insertProject(database);
    await database.db
      .updateTable("plms.projects")
      .set({ breach_policy: policy })
      .where("id", "=", projectId)
      .execute();
    return (await startProject(ports, ada, { projectId, idempotencyKey: randomUUID(), ...caps })).run;
  };

  test.each([
    ["pause", "paused"],
    ["ask", "executing"],
    ["kill", "cancelled"],
  ] as const)("with the policy to %s is %s", async (policy, status) => {
    const run = await limited({ budgetDurationMinutes: 5 }, policy);
    expect(await reconcile()).toMatchObject({ overCaps: 0 });
    ports.clock.advance(5 * 60_000);
    expect(await reconcile()).toMatchObject({ overCaps: 1 });
    expect(await ports.runs.byIds([run.id])).toMatchObject([{ status }]);
  });

  test("is stopped once: who resumes it means it", async () => {
    const run = await limited({ budgetTokens: 100 }, "pause");
    await database.db
      .updateTable("plms.project_runs")
      .set({ tokens_spent: 100 })
      .where("id", "=", run.id)
      .execute();
    expect(await reconcile()).toMatchObject({ overCaps: 1 });
    expect(await ports.runs.byIds([run.id])).toMatchObject([
      { status: "paused", statusReason: "Over its own limit: 100 of 100 tokens" },
    ]);
    await ports.runControl.move(run.id, { from: ["paused"], to: "executing", reason: null, at: new Date() });
    expect(await reconcile()).toMatchObject({ overCaps: 0 });
  });
});

describe("what is purged", () => {
  const keyCount = async () =>
    (await database.db.selectFrom("plms.idempotency_keys").select("key").execute()).length;

  test("are expired keys, but not while their run goes on", async () => {
    const { id: projectId } = await insertProject(database);
    const { run } = await startProject(ports, ada, { projectId, idempotencyKey: randomUUID() });
    ports.clock.advance(86_400_001);
    expect(await purge(ports, 1000)).toMatchObject({ keys: 0 });
    await ports.runControl.move(run.id, {
      from: ["executing"],
      to: "cancelled",
      reason: null,
      at: new Date(),
    });
    expect(await purge(ports, 1000)).toMatchObject({ keys: 1 });
    expect(await keyCount()).toBe(0);
  });

  test("are message ids that are older than they have to be", async () => {
    const at = (ageMs: number) => new Date(ports.clock.now().getTime() - ageMs);
    await database.db
      .insertInto("plms.webhook_inbox")
      .values([
        { webhook_id: "old", kind: "receipts", received_at: at(2000) },
        { webhook_id: "new", kind: "receipts", received_at: at(500) },
      ])
      .execute();
    expect(await purge(ports, 1000)).toEqual({ keys: 0, messages: 1 });
    expect(await database.db.selectFrom("plms.webhook_inbox").select("webhook_id").execute()).toEqual([
      { webhook_id: "new" },
    ]);
  });
});

describe("one leader at a time", () => {
  test("does the work, whoever else wants to, and the next may when it is done", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    let entered = () => {};
    const inside = new Promise<void>((resolve) => (entered = resolve));
    const first = whenLeader(database.db, "a job", async () => {
      entered();
      await held;
      return 1;
    });
    await inside;
    expect(await whenLeader(database.db, "a job", async () => 2)).toBeUndefined();
    expect(await whenLeader(database.db, "another job", async () => 3)).toBe(3);
    release();
    expect(await first).toBe(1);
    expect(await whenLeader(database.db, "a job", async () => 4)).toBe(4);
  });

  test("is free again after its work failed", async () => {
    await expect(whenLeader(database.db, "a job", () => Promise.reject(new Error("oh")))).rejects.toThrow(
      "oh",
    );
    expect(await whenLeader(database.db, "a job", async () => 5)).toBe(5);
  });
});
