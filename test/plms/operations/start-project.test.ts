import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "../../../subgraphs/plms/operations/principal.ts";
import { startProject } from "../../../subgraphs/plms/operations/start-project.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { waitFor } from "../../../lib/wait.ts";
import { insertProject } from "../fixtures.ts";
import { codeOf, createTestPorts, startPas, type TestPorts } from "../support.ts";

const SUBMIT = "/pas/architect/submit";
const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
const opened: TestPorts[] = [];

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
});
afterEach(async () => {
  pas.setFaults([]);
  await Promise.all(opened.splice(0).map(({ executor }) => executor.close()));
});
afterAll(() => Promise.all([database.close(), pas.close()]));

function ports(timeoutMs?: number): TestPorts {
  const created = createTestPorts(database, { baseUrl: pas.baseUrl, ...(timeoutMs && { timeoutMs }) });
  opened.push(created);
  return created;
}

/** Asks again when a busy machine has no connection to lend within the pool's five seconds. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("timeout exceeded when trying to connect"))
      return patiently(work);
    throw error;
  }
}

let keys = 0;
const newKey = () => `key-${(keys += 1)}`;
const submissions = () => pas.requests()[SUBMIT] ?? 0;
const runsOf = (projectId: string) =>
  database.db.selectFrom("plms.project_runs").selectAll().where("project_id", "=", projectId).execute();
const statusOf = (projectId: string) =>
  database.db
    .selectFrom("plms.projects")
    .select("status")
    .where("id", "=", projectId)
    .executeTakeFirstOrThrow();

describe("starting a project", () => {
  test("records the run, has the executor do it and marks the project", async () => {
    const { id: projectId } = await insertProject(database);
    const at = ports();
    const { run, replayed } = await startProject(at, ada, { projectId, idempotencyKey: newKey() });
    expect(replayed).toBe(false);
    expect(run).toMatchObject({
      projectId,
      kind: "baseline",
      status: "executing",
      executorRunId: expect.stringMatching(/^run-/),
      startedAt: at.clock.now(),
      tasksTotal: 2,
      providerMatrix: { "gpt-4": "0613" },
      rehearsalPct: null,
    });
    expect(await statusOf(projectId)).toEqual({ status: "executing" });
    expect(at.counts).toMatchObject({ started: 1, replayed: 0 });
  });

  test("with a known key returns the same run in its current state and asks nobody", async () => {
    const { id: projectId } = await insertProject(database);
    const at = ports();
    const call = { projectId, idempotencyKey: newKey() };
    const first = await startProject(at, ada, call);
    const before = submissions();
    await database.db
      .updateTable("plms.project_runs")
      .set({ status: "completed" })
      .where("id", "=", first.run.id)
      .execute();
    const again = await startProject(at, ada, call);
    expect(again).toEqual({
      replayed: true,
      expiresAt: first.expiresAt,
      run: { ...first.run, status: "completed" },
    });
    expect(submissions()).toBe(before);
    expect(at.counts).toMatchObject({ started: 1, replayed: 1 });
  });

  test("G17: a hundred times at once with one key makes one run and one job", async () => {
    const { id: projectId } = await insertProject(database);
    const at = ports(60_000);
    const call = { projectId, idempotencyKey: newKey() };
    const before = submissions();
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, () => patiently(() => startProject(at, ada, call))),
    );
    const runIds = results.flatMap((result) => (result.status === "fulfilled" ? [result.value.run.id] : []));
    const codes = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    expect(new Set(runIds).size).toBe(1);
    expect(new Set([...codes, "IDEMPOTENCY_IN_FLIGHT"])).toEqual(new Set(["IDEMPOTENCY_IN_FLIGHT"]));
    expect(await runsOf(projectId)).toHaveLength(1);
    expect(submissions() - before).toBe(1);
    expect(at.counts.started).toBe(1);
  });

  test("a rehearsal runs a sample and leaves the project as it is", async () => {
    const { id: projectId } = await insertProject(database, {
      tasks: ["trivial", "trivial", "complex", "complex"],
    });
    const { run } = await startProject(ports(), ada, {
      projectId,
      runKind: "rehearsal",
      writeSandbox: true,
      idempotencyKey: newKey(),
    });
    expect(run).toMatchObject({ kind: "rehearsal", rehearsalPct: 0.01, tasksTotal: 4, writeSandbox: true });
    expect(await statusOf(projectId)).toEqual({ status: "approved" });
  });
});

describe("a key", () => {
  test("G17: that was used with another input is refused", async () => {
    const { id: projectId } = await insertProject(database);
    const idempotencyKey = newKey();
    await startProject(ports(), ada, { projectId, idempotencyKey });
    expect(await codeOf(startProject(ports(), ada, { projectId, runKind: "hotfix", idempotencyKey }))).toBe(
      "IDEMPOTENCY_KEY_REUSED",
    );
  });

  test("belongs to a user and a tenant: equal keys of others are other keys, here and at the executor", async () => {
    const { id: projectId } = await insertProject(database);
    const { id: foreignId } = await insertProject(database, { tenant: "acme" });
    const idempotencyKey = newKey();
    const before = submissions();
    const runs = [
      await startProject(ports(), ada, { projectId, idempotencyKey }),
      await startProject(
        ports(),
        { ...ada, subject: "bob" },
        { projectId, idempotencyKey, allowConcurrent: true },
      ),
      await startProject(ports(), { ...ada, tenant: "acme" }, { projectId: foreignId, idempotencyKey }),
    ];
    expect(new Set(runs.map(({ run }) => run.executorRunId)).size).toBe(3);
    expect(runs.map(({ replayed }) => replayed)).toEqual([false, false, false]);
    expect(submissions() - before).toBe(3);
  });

  test("is in flight for others while the executor is being asked", async () => {
    const { id: projectId } = await insertProject(database);
    const call = { projectId, idempotencyKey: newKey() };
    pas.setFaults([{ path: SUBMIT, mode: "slow", latencyMs: 500, count: 1 }]);
    const before = submissions();
    const first = startProject(ports(), ada, call);
    await waitFor(() => submissions() > before);
    expect(await codeOf(startProject(ports(), ada, call))).toBe("IDEMPOTENCY_IN_FLIGHT");
    expect(await codeOf(startProject(ports(), ada, { ...call, runKind: "hotfix" }))).toBe(
      "IDEMPOTENCY_KEY_REUSED",
    );
    expect((await first).run.status).toBe("executing");
  });

  test("of a caller that vanished is taken over when its lease ends, and the same job is submitted", async () => {
    const { id: projectId } = await insertProject(database);
    const call = { projectId, idempotencyKey: newKey() };
    const vanishing = ports();
    const vanished = { ...vanishing, starts: { ...vanishing.starts, release: async () => undefined } };
    pas.setFaults([{ path: SUBMIT, mode: "status", status: 500, count: 1 }]);
    expect(await codeOf(startProject(vanished, ada, call))).toBe("EXECUTOR_UNAVAILABLE");

    const later = ports();
    expect(await codeOf(startProject(later, ada, call))).toBe("IDEMPOTENCY_IN_FLIGHT");
    later.clock.advance(35_001);
    const { run, replayed } = await startProject(later, ada, call);
    expect({ status: run.status, replayed }).toEqual({ status: "executing", replayed: false });
    expect(await runsOf(projectId)).toHaveLength(1);
  });

  test("starts a new run once it is forgotten", async () => {
    const { id: projectId } = await insertProject(database);
    const at = ports();
    const call = { projectId, idempotencyKey: newKey() };
    const first = await startProject(at, ada, call);
    await database.db
      .updateTable("plms.project_runs")
      .set({ status: "completed" })
      .where("id", "=", first.run.id)
      .execute();
    at.clock.advance(86_400_001);
    const second = await startProject(at, ada, { ...call, runKind: "replay" });
    expect(second.replayed).toBe(false);
    expect(second.run.id).not.toBe(first.run.id);
    expect(second.run.executorRunId).not.toBe(first.run.executorRunId);
  });
});

describe("an executor that", () => {
  test.each([
    ["answers 500", { mode: "status", status: 500 }, /answered 500/],
    ["refuses", { mode: "status", status: 400 }, /answered 400/],
    ["answers something else", { mode: "malformed" }, /not \{run_id\}/],
    ["hangs", { mode: "hang" }, /within 300 ms/],
    ["cuts every connection", { mode: "reset" }, /did not take the run/],
  ] as const)(
    "%s leaves the run submitting, and the same call continues it",
    async (_case, fault, message) => {
      const { id: projectId } = await insertProject(database);
      const call = { projectId, idempotencyKey: newKey() };
      pas.setFaults([{ path: SUBMIT, ...fault }]);
      const failed = await startProject(ports(300), ada, call).catch((error: unknown) => error);
      expect(failed).toMatchObject({
        code: "EXECUTOR_UNAVAILABLE",
        message: expect.stringMatching(message),
        details: { retryable: true },
      });
      expect(await runsOf(projectId)).toMatchObject([{ status: "submitting", executor_run_id: null }]);

      pas.setFaults([]);
      const { run, replayed } = await startProject(ports(), ada, call);
      expect({ status: run.status, replayed }).toEqual({ status: "executing", replayed: false });
      expect(await runsOf(projectId)).toHaveLength(1);
    },
  );

  test("is not there at all is unavailable, too", async () => {
    const { id: projectId } = await insertProject(database);
    const nobody = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
    opened.push(nobody);
    expect(await codeOf(startProject(nobody, ada, { projectId, idempotencyKey: newKey() }))).toBe(
      "EXECUTOR_UNAVAILABLE",
    );
  });

  test("cuts a connection once is asked again at once, with the same key", async () => {
    const { id: projectId } = await insertProject(database);
    pas.setFaults([{ path: SUBMIT, mode: "reset", count: 1 }]);
    const before = submissions();
    const { run } = await startProject(ports(), ada, { projectId, idempotencyKey: newKey() });
    expect(run.status).toBe("executing");
    expect(submissions() - before).toBe(2);
  });

  test("took the job without our hearing of it does it once", async () => {
    const { id: projectId } = await insertProject(database);
    const at = ports();
    const call = { projectId, idempotencyKey: newKey() };
    const deaf = {
      ...at,
      executor: {
        ...at.executor,
        submit: async (...args: Parameters<typeof at.executor.submit>) => {
          const first = await at.executor.submit(...args);
          const second = await at.executor.submit(...args);
          expect(second).toBe(first);
          return second;
        },
      },
    };
    const { run } = await startProject(deaf, ada, call);
    expect(run.status).toBe("executing");
  });
});
