import * as fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createNotifications } from "../../../db/notifications.ts";
import { createQueue } from "../../../subgraphs/plms/adapters/queue.ts";
import { createInbox } from "../../../subgraphs/plms/adapters/inbox.ts";
import { calibrateRun, calibrateUndecided } from "../../../subgraphs/plms/operations/calibrate-run.ts";
import { loadPriors } from "../../../subgraphs/plms/operations/priors.ts";
import { rebuildPriors } from "../../../subgraphs/plms/operations/rebuild-priors.ts";
import { recordCompletion } from "../../../subgraphs/plms/operations/record-completion.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { insertRun, type InsertedRun } from "../fixtures.ts";
import { createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;
/** Each test learns for a tenant of its own. */
let tenant = "";
let ids = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));
beforeEach(() => void (tenant = `tenant-${(ids += 1)}`));

/** Receipts of a run, whenever. */
async function receive(
  run: InsertedRun,
  charges: readonly { taskId: string; tokens: number; costUsd: number }[],
) {
  await recordReceipts(ports, {
    messageId: `m${(ids += 1)}`,
    executorRunId: run.executorRunId,
    charges: charges.map((charge) => ({
      receiptId: `r${(ids += 1)}`,
      laneId: 4200,
      provider: "gpt-4",
      durationMs: 1000,
      echoCos: null,
      status: "succeeded" as const,
      occurredAt: ports.clock.now(),
      ...charge,
    })),
  });
}

interface Outcome {
  kind?: "baseline" | "rehearsal";
  validationPass?: boolean | null;
  writeSandbox?: boolean;
  /** Minutes before now. */
  endedMinutesAgo?: number;
  /** Actual / estimate of the tasks, which are estimated at 1000 tokens, a minute and 0.10 USD. */
  ratios?: readonly number[];
  provider?: string;
}

/** A run that has ended and that nothing was learnt from yet. */
async function endedRun(outcome: Outcome = {}): Promise<InsertedRun> {
  const { ratios = [1.2, 0.9, 1.1], endedMinutesAgo = 0, validationPass = true } = outcome;
  const now = ports.clock.now().getTime();
  const run = await insertRun(
    database,
    { kind: outcome.kind ?? "baseline", startedAt: new Date(now - 600_000) },
    { tenant, tasks: ratios.map(() => "simple" as const) },
  );
  const charges = ratios.map((ratio, index) => ({
    receiptId: `r${(ids += 1)}`,
    taskId: run.taskIds[index] ?? "0",
    laneId: 4200,
    provider: outcome.provider ?? "gpt-4",
    tokens: Math.round(1000 * ratio),
    durationMs: 60_000 * ratio,
    costUsd: Number((0.1 * ratio).toFixed(6)),
    echoCos: null,
    status: "succeeded" as const,
    occurredAt: new Date(now - 300_000),
  }));
  await recordReceipts(ports, { messageId: `m${(ids += 1)}`, executorRunId: run.executorRunId, charges });
  if (outcome.writeSandbox) {
    const sandboxed = database.db
      .updateTable("plms.project_runs")
      .set({ kind: "hotfix", write_sandbox: true });
    await sandboxed.where("id", "=", run.id).execute();
  }
  await recordCompletion(ports, {
    messageId: `m${(ids += 1)}`,
    projectId: run.projectId,
    executorRunId: run.executorRunId,
    validationPass,
    completedAt: new Date(now - endedMinutesAgo * 60_000),
  });
  return run;
}

const versionsOf = (run: InsertedRun) =>
  database.db
    .selectFrom("plms.estimate_versions")
    .selectAll()
    .where("source_run_id", "=", run.id)
    .orderBy("lane_id")
    .orderBy("provider")
    .execute();

const decisionOn = (run: InsertedRun) =>
  database.db.selectFrom("plms.calibrations").selectAll().where("run_id", "=", run.id).executeTakeFirst();

const priorOf = async (provider: string | null = "gpt-4") =>
  (await loadPriors(ports, tenant))({ laneId: 4200, provider });

describe("a validated run", () => {
  test("adds a version for its lane and provider, for its lane, and for its provider", async () => {
    const run = await endedRun();
    await calibrateRun(ports, run.id);
    const versions = await versionsOf(run);
    expect(
      versions.map(({ lane_id, provider, n_observations }) => [lane_id, provider, n_observations]),
    ).toEqual([
      [4200, "gpt-4", 1],
      [4200, null, 1],
      [null, "gpt-4", 1],
    ]);
    const perTask = (1200 + 900 + 1100) / 3;
    expect(versions[0]?.tokens_mean).toBeCloseTo(3000 + 0.3 * (perTask - 3000), 6);
    expect(versions[0]).toMatchObject({
      project_id: run.projectId,
      priors_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await priorOf()).toMatchObject({ source: "lane_provider" });
    expect(await priorOf("unheard-of")).toMatchObject({ source: "lane" });
  });
  test("teaches once, however often and from however many places it is asked to", async () => {
    const run = await endedRun();
    await Promise.all(Array.from({ length: 5 }, () => calibrateRun(ports, run.id)));
    expect(await versionsOf(run)).toHaveLength(3);
  });

  test("is learnt from again when more receipts come, as if all had been there at once", async () => {
    const late = await endedRun({ ratios: [2, 2.5], endedMinutesAgo: 2 });
    await calibrateRun(ports, late.id);
    await calibrateRun(ports, (await endedRun({ ratios: [1, 1.5], endedMinutesAgo: 1 })).id);
    await receive(late, [{ taskId: late.taskIds[0] ?? "0", tokens: 4000, costUsd: 0.4 }]);
    const { priors, unlearnt } = await rebuildPriors(ports, tenant);
    expect(priors.every(({ isSame }) => isSame)).toBe(true);
    expect(unlearnt).toEqual([
      { runId: late.id, reason: "Receipts came after it was learnt from; they are learnt in a moment" },
    ]);
    await calibrateRun(ports, late.id);
    const again = await rebuildPriors(ports, tenant);
    expect(again.priors.every(({ isSame }) => isSame)).toBe(true);
    expect(again.unlearnt).toEqual([]);
    const relearnt = await priorOf();

    tenant = `${tenant}-at-once`;
    const whole = await endedRun({ ratios: [2, 2.5], endedMinutesAgo: 2 });
    await receive(whole, [{ taskId: whole.taskIds[0] ?? "0", tokens: 4000, costUsd: 0.4 }]);
    await calibrateRun(ports, whole.id);
    await calibrateRun(ports, (await endedRun({ ratios: [1, 1.5], endedMinutesAgo: 1 })).id);
    expect(await priorOf()).toEqual(relearnt);
  });

  test("whose completion overtook its receipts teaches once they are there, and says so until then", async () => {
    const run = await insertRun(database, { startedAt: ports.clock.now() }, { tenant, tasks: ["simple"] });
    const end = {
      projectId: run.projectId,
      executorRunId: run.executorRunId,
      validationPass: true,
      completedAt: null,
    };
    await recordCompletion(ports, { messageId: `m${(ids += 1)}`, ...end });
    await calibrateUndecided(ports);
    expect(await decisionOn(run)).toBeUndefined();
    ports.clock.advance(31_000);
    await calibrateUndecided(ports);
    expect((await rebuildPriors(ports, tenant)).unlearnt).toEqual([
      { runId: run.id, reason: "None of its receipts tells of a task that succeeded" },
    ]);
    await receive(run, [{ taskId: run.taskIds[0] ?? "0", tokens: 2000, costUsd: 0.2 }]);
    ports.clock.advance(60_000);
    await calibrateUndecided(ports);
    const { priors, unlearnt } = await rebuildPriors(ports, tenant);
    expect(priors.map(({ isSame }) => isSame)).toEqual([true, true, true]);
    expect(unlearnt).toEqual([]);
  });

  test("that ended earlier than one already learnt from gives the same priors as in order", async () => {
    const [first, second, third] = [
      await endedRun({ endedMinutesAgo: 3, ratios: [2, 2.2] }),
      await endedRun({ endedMinutesAgo: 2, ratios: [0.5, 0.7] }),
      await endedRun({ endedMinutesAgo: 1, ratios: [1, 1.1] }),
    ];
    for (const run of [third, first, second]) await calibrateRun(ports, run.id);
    const outOfOrder = await priorOf();
    tenant = `${tenant}-again`;
    for (const outcome of [
      { endedMinutesAgo: 3, ratios: [2, 2.2] },
      { endedMinutesAgo: 2, ratios: [0.5, 0.7] },
      { endedMinutesAgo: 1, ratios: [1, 1.1] },
    ]) {
      await calibrateRun(ports, (await endedRun(outcome)).id);
    }
    expect(await priorOf()).toEqual(outOfOrder);
  });
});

describe("priors", () => {
  test("rebuilt from the receipts are the very numbers in use, whatever the runs and their order", async () => {
    const anyRun = fc.record({
      ratios: fc.array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 1, maxLength: 4 }),
      provider: fc.constantFrom("gpt-4", "llama3.1"),
      endedMinutesAgo: fc.integer({ min: 0, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRun, { minLength: 1, maxLength: 4 }), async (outcomes) => {
        tenant = `tenant-${(ids += 1)}`;
        for (const outcome of outcomes) await calibrateRun(ports, (await endedRun(outcome)).id);
        const { priors: rebuilt } = await rebuildPriors(ports, tenant);
        expect(rebuilt.length).toBeGreaterThan(0);
        expect(rebuilt.filter(({ isSame }) => !isSame)).toEqual([]);
      }),
      { numRuns: 6 },
    );
  });

  test("of another tenant stay out of sight", async () => {
    await calibrateRun(ports, (await endedRun()).id);
    const lookup = await loadPriors(ports, `not-${tenant}`);
    expect(lookup({ laneId: 4200, provider: "gpt-4" }).source).toBe("factory");
  });
});

describe("a run that may not teach", () => {
  test.each<[string, Outcome, string]>([
    ["a rehearsal", { kind: "rehearsal" }, "it is a rehearsal"],
    ["one that wrote to a sandbox", { writeSandbox: true }, "it wrote to a sandbox"],
  ])("like %s is decided about with the reason", async (_case, outcome, reason) => {
    const run = await endedRun(outcome);
    await calibrateRun(ports, run.id);
    expect(await decisionOn(run)).toMatchObject({ outcome: "excluded", reason });
    expect(await versionsOf(run)).toEqual([]);
  });

  test("because it failed validation needs review first, and nothing is decided", async () => {
    const run = await endedRun({ validationPass: false });
    await calibrateRun(ports, run.id);
    expect(await decisionOn(run)).toBeUndefined();
    expect(await versionsOf(run)).toEqual([]);
  });

  test("yet, because nobody has validated it, waits until somebody does", async () => {
    const run = await endedRun({ validationPass: null });
    await calibrateRun(ports, run.id);
    await calibrateUndecided(ports);
    expect(await decisionOn(run)).toBeUndefined();
    const validated = database.db.updateTable("plms.project_runs").set({ validation_pass: true });
    await validated.where("id", "=", run.id).execute();
    await calibrateUndecided(ports);
    expect(await decisionOn(run)).toMatchObject({ outcome: "included" });
  });
});

describe("through the queue", () => {
  test("a completion that is rolled back leaves no job, one that commits teaches in the background", async () => {
    const notifications = createNotifications({ url: database.url, log: quietLog });
    const queue = await createQueue({ db: database.db, notifications, log: quietLog });
    await queue.work("calibrate-run", ({ runId }) => calibrateRun(ports, runId));
    const inbox = createInbox(database.db, queue.enqueue);
    try {
      const run = await insertRun(database, {}, { tenant });
      const message = {
        messageId: `m${(ids += 1)}`,
        projectId: run.projectId,
        executorRunId: run.executorRunId,
        validationPass: true,
        completedAt: null,
      };
      const failing = {
        ...inbox,
        transaction: <T>(work: Parameters<typeof inbox.transaction<T>>[0]) =>
          inbox.transaction(async (delivery) => {
            await work(delivery);
            throw new Error("the database went away");
          }),
      };
      await expect(recordCompletion({ ...ports, inbox: failing }, message)).rejects.toThrow("went away");
      const settings = { ...ports.settings, calibrationGraceMs: 0 };
      await recordCompletion({ ...ports, inbox, settings }, message);
      await recordCompletion({ ...ports, inbox }, { ...message, messageId: `m${(ids += 1)}` });
      await expect.poll(() => decisionOn(run), { timeout: 30_000 }).toMatchObject({ outcome: "included" });
      const counting = sql<{ jobs: string }>`select count(*) as jobs from pgboss.job`;
      expect((await counting.execute(database.db)).rows).toEqual([{ jobs: "1" }]);
    } finally {
      await queue.close();
      await notifications.close();
    }
  });
});
