import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { controlRun } from "../../../subgraphs/plms/operations/control-run.ts";
import { updateBudget } from "../../../subgraphs/plms/operations/update-budget.ts";
import { watchBudget, watchBudgets, watchTogether } from "../../../subgraphs/plms/operations/watch-budget.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun, type InsertedRun } from "../fixtures.ts";
import { codeOf, createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;
const told: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));
beforeEach(() => {
  told.length = 0;
  const states = { pause: "paused", resume: "executing", cancel: "cancelled" } as const;
  vi.spyOn(ports.executor, "control").mockImplementation(async ({ executorRunId, action }) => {
    told.push(`${action} ${executorRunId}`);
    return { executorRunId, status: states[action] } as never;
  });
});

const principal = { tenant: "default", subject: "ada", correlationId: "test" };
let ids = 0;

async function spend(run: InsertedRun, usd: readonly number[], tokens = 100): Promise<void> {
  await recordReceipts(ports, {
    messageId: `m${(ids += 1)}`,
    executorRunId: run.executorRunId,
    charges: usd.map((costUsd, index) => ({
      receiptId: `r${(ids += 1)}`,
      taskId: run.taskIds[index % run.taskIds.length] ?? "0",
      laneId: 4200,
      provider: "gpt-4",
      tokens,
      durationMs: 1000,
      costUsd,
      echoCos: null,
      status: "succeeded" as const,
      occurredAt: ports.clock.now(),
    })),
  });
}

async function burning({
  usdMax = 1,
  policy = "pause",
  tokensMax = null,
}: {
  usdMax?: number;
  policy?: "pause" | "ask" | "kill";
  tokensMax?: number | null;
} = {}): Promise<InsertedRun> {
  const startedAt = new Date(ports.clock.now().getTime() - 600_000);
  const run = await insertRun(
    database,
    { startedAt },
    { usdMax, tasks: ["simple", "simple", "simple", "simple"] },
  );
  await database.db
    .updateTable("plms.projects")
    .set({ breach_policy: policy, budget_tokens_max: tokensMax, status: "executing" })
    .where("id", "=", run.projectId)
    .execute();
  return run;
}

const alertsOf = async ({ projectId }: InsertedRun) => {
  const alerts = database.db.selectFrom("plms.alerts").select(["kind", "state", "severity"]);
  return alerts.where("project_id", "=", projectId).orderBy("id").execute();
};
const stateOf = async (run: InsertedRun) => (await ports.runs.byIds([run.id]))[0]?.status;
const standingOf = async ({ projectId }: InsertedRun) =>
  (await ports.runs.ledgers([projectId], ports.clock.now())).get(projectId)?.standing;

describe("a budget that is used up", () => {
  test("pauses its runs at the executor, says so once, and goes on when it is raised", async () => {
    const run = await burning();
    await spend(run, [0.6, 0.5]);
    await watchBudget(ports, run.projectId);
    await watchBudget(ports, run.projectId);
    expect(told).toEqual([`pause ${run.executorRunId}`]);
    expect(await stateOf(run)).toBe("paused");
    expect((await alertsOf(run)).filter(({ kind }) => kind === "budget_exhausted")).toEqual([
      { kind: "budget_exhausted", state: "firing", severity: "critical" },
    ]);

    const tooLittle = await updateBudget(ports, principal, { projectId: run.projectId, usdMax: 1.1 });
    expect(tooLittle.resumed).toEqual([]);
    const { project, resumed } = await updateBudget(ports, principal, {
      projectId: run.projectId,
      usdMax: 50,
    });
    expect(project.budget.usdMax).toBe(50);
    expect(resumed.map(({ id, status }) => [id, status])).toEqual([[run.id, "executing"]]);
    expect((await alertsOf(run)).every(({ state }) => state === "resolved")).toBe(true);
  });

  test("cancels its runs when it is told to kill", async () => {
    const run = await burning({ policy: "kill" });
    await spend(run, [2]);
    await watchBudgets(ports);
    expect(told).toContain(`cancel ${run.executorRunId}`);
    expect(await stateOf(run)).toBe("cancelled");
  });

  test("only asks when it is told to ask", async () => {
    const run = await burning({ policy: "ask" });
    await spend(run, [2]);
    await watchBudget(ports, run.projectId);
    expect(told).toEqual([]);
    expect(await stateOf(run)).toBe("executing");
    expect((await alertsOf(run)).map(({ kind }) => kind)).toContain("budget_exhausted");
  });

  test("may be a budget of tokens", async () => {
    const run = await burning({ usdMax: 100, tokensMax: 1000 });
    await spend(run, [0.01], 1000);
    await watchBudget(ports, run.projectId);
    expect(told).toEqual([`pause ${run.executorRunId}`]);
    expect((await alertsOf(run)).map(({ kind }) => kind)).toEqual(["tokens_exhausted"]);
  });

  test("is tried again at the next look when the executor cannot be reached", async () => {
    const run = await burning();
    await spend(run, [2]);
    vi.spyOn(ports.executor, "control").mockRestore();
    expect(await codeOf(watchBudget(ports, run.projectId))).toBe("EXECUTOR_UNAVAILABLE");
    expect(await stateOf(run)).toBe("executing");
  });

  test("that cannot be kept does not keep others from being looked at together with it", async () => {
    const [first, second] = [await burning(), await burning({ policy: "ask" })];
    await spend(first, [2]);
    await spend(second, [2]);
    vi.spyOn(ports.executor, "control").mockRestore();
    const failed: string[] = [];
    await watchTogether(ports, [first.projectId, second.projectId], (_error, projectId) =>
      failed.push(projectId),
    );
    expect(failed).toEqual([first.projectId]);
    expect((await alertsOf(second)).map(({ kind }) => kind)).toContain("budget_exhausted");
  });

  test("is used up as well by a receipt that comes after the end, and by one that comes with it", async () => {
    for (const to of ["completed", "cancelled"] as const) {
      const run = await burning({ usdMax: 1 });
      await ports.runControl.move(run.id, { from: ["executing"], to, reason: null, at: ports.clock.now() });
      await spend(run, [0.6, 0.5]);
      await watchBudget(ports, run.projectId);
      expect((await alertsOf(run)).filter(({ state }) => state === "firing").map(({ kind }) => kind)).toEqual(
        ["budget_exhausted"],
      );
    }
    expect(told).toEqual([]);
  });

  test("is free again after a credit, and what it had paused goes on by itself", async () => {
    const run = await burning({ usdMax: 1 });
    await spend(run, [0.6, 0.5]);
    await watchBudgets(ports);
    expect(await stateOf(run)).toBe("paused");
    await spend(run, [-0.05]);
    await watchBudgets(ports);
    expect(await stateOf(run)).toBe("paused");
    await spend(run, [-0.5]);
    await watchBudgets(ports);
    expect(await stateOf(run)).toBe("executing");
    expect(told.filter((call) => call.endsWith(run.executorRunId))).toEqual([
      `pause ${run.executorRunId}`,
      `resume ${run.executorRunId}`,
    ]);
  });

  test("lets nobody resume what it had paused, and says what to do instead", async () => {
    const run = await burning({ usdMax: 1 });
    await spend(run, [1.1]);
    await watchBudget(ports, run.projectId);
    const resume = () => controlRun(ports, principal, { runId: run.id, action: "resume" });
    await expect(resume()).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringContaining("raise it with updateProjectBudget"),
    });
    expect(told).toEqual([`pause ${run.executorRunId}`]);
    await updateBudget(ports, principal, { projectId: run.projectId, usdMax: 2 });
    expect(await resume()).toMatchObject({ status: "executing" });
  });

  test("leaves runs alone that somebody else has paused", async () => {
    const run = await burning({ usdMax: 100 });
    await ports.runControl.move(run.id, {
      from: ["executing"],
      to: "paused",
      reason: "lunch",
      at: ports.clock.now(),
    });
    expect((await updateBudget(ports, principal, { projectId: run.projectId, usdMax: 200 })).resumed).toEqual(
      [],
    );
  });
});

describe("an alert", () => {
  const messages = async ({ projectId }: InsertedRun) => {
    const alerts = database.db.selectFrom("plms.alerts").selectAll().where("project_id", "=", projectId);
    return alerts.orderBy("id").execute();
  };

  test("stands once for its cause, escalates, is true when it is read, and resolves by itself", async () => {
    const run = await burning({ usdMax: 0.42 });
    await spend(run, [0.17, 0.17]);
    await watchBudget(ports, run.projectId);
    await watchBudget(ports, run.projectId);
    const [first, ...others] = await messages(run);
    expect(others).toEqual([]);
    expect(first).toMatchObject({ state: "firing", cause: "budget" });
    expect(await standingOf(run)).toBe("critical");

    await spend(run, [0.05]);
    await watchBudget(ports, run.projectId);
    const [later] = await messages(run);
    expect(later).toMatchObject({ id: first?.id, state: "firing" });
    expect(later?.message).not.toBe(first?.message);

    await spend(run, [0.5]);
    await watchBudget(ports, run.projectId);
    expect(await messages(run)).toEqual([
      expect.objectContaining({
        id: first?.id,
        kind: "budget_exhausted",
        severity: "critical",
        message: expect.stringMatching(
          /^0\.89 USD of its budget of 0\.42 USD are spent and the work is not done: raise the budget by \d+\.\d\d USD or cancel the run\.$/,
        ),
      }),
    ]);
    await updateBudget(ports, principal, { projectId: run.projectId, usdMax: 50 });
    expect((await messages(run)).map(({ state }) => state)).toEqual(["resolved"]);
  });

  test("is not raised by a look that began before the budget was raised", async () => {
    const run = await burning({ usdMax: 1, policy: "ask" });
    await spend(run, [2]);
    const { projectId } = run;
    const note: typeof ports.budgets.note = async (finding) => {
      expect(finding.crossed).toMatchObject([{ kind: "budget_exhausted" }]);
      await updateBudget(ports, principal, { projectId, usdMax: 1_000 });
      await ports.budgets.note(finding);
    };
    await watchBudget({ ...ports, budgets: { ...ports.budgets, note } }, projectId);
    expect((await alertsOf(run)).filter(({ state }) => state === "firing")).toEqual([]);
    await watchBudget(ports, projectId);
    expect(await standingOf(run)).not.toBe("critical");
  });

  test("that is over and comes again is raised again", async () => {
    const run = await burning({ usdMax: 1, policy: "ask" });
    for (const usd of [1.1, -0.9, 0.9]) {
      await spend(run, [usd]);
      await watchBudget(ports, run.projectId);
      await watchBudget(ports, run.projectId);
    }
    const exhausted = (await messages(run)).filter(({ kind }) => kind === "budget_exhausted");
    expect(exhausted.map(({ state }) => state)).toEqual(["resolved", "firing"]);
  });

  test("is not raised for a run that lands within its budget, however few minutes are left", async () => {
    const run = await burning({ usdMax: 0.5 });
    await spend(run, [0.1, 0.1, 0.1, 0.1]);
    await watchBudget(ports, run.projectId);
    expect(await messages(run)).toEqual([]);
    expect(await standingOf(run)).toBe("ok");
  });

  test("says that much more is expected than the budget allows", async () => {
    const run = await burning({ usdMax: 0.15 });
    await watchBudget(ports, run.projectId);
    expect((await alertsOf(run)).map(({ kind }) => kind)).toEqual(["overrun_20"]);
  });

  test("a status improves only when it was found better twice", async () => {
    const run = await burning({ usdMax: 0.5 });
    await spend(run, [0.2, 0.2, 0.2]);
    await watchBudget(ports, run.projectId);
    expect(await standingOf(run)).toBe("critical");
    await spend(run, [-0.5]);
    await watchBudget(ports, run.projectId);
    expect(await standingOf(run)).toBe("critical");
    await watchBudget(ports, run.projectId);
    expect(await standingOf(run)).not.toBe("critical");
  });
});
