import { describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { recordCompletion } from "../../../subgraphs/plms/operations/record-completion.ts";
import { recordReceipts } from "../../../subgraphs/plms/operations/record-receipts.ts";
import { useReceipts } from "../receipts.ts";

const desk = useReceipts();
const { newId, executingRun, charge, record, totalsOf } = desk;

const taskStates = async (projectId: string) => {
  const tasks = desk.database.db
    .selectFrom("plms.task_estimates")
    .select("status")
    .where("project_id", "=", projectId);
  return (await tasks.orderBy("order_index").execute()).map(({ status }) => status);
};

describe("receipts", () => {
  test("are added to the totals of the run and to the state of its tasks", async () => {
    const run = await executingRun();
    const [first, second] = run.taskIds;
    expect(
      await record(run.executorRunId, [
        charge(first, { costUsd: 0.123456 }),
        charge(second, { status: "failed" }),
      ]),
    ).toEqual({
      recorded: 2,
      duplicate: 0,
      conflicting: 0,
    });
    expect(await totalsOf(run.id)).toMatchObject({
      usd_spent: "0.173456",
      tokens_spent: "1000",
      estimated_usd_done: "0.200000",
      tasks_completed: 1,
      tasks_failed: 1,
      receipts_count: "2",
      version: "2",
      burn_usd: expect.closeTo(0.173456, 9),
      burn_at: desk.ports.clock.now(),
    });
    expect(await taskStates(run.projectId)).toEqual(["completed", "failed", "pending"]);
  });

  test("of a message that comes twice count once", async () => {
    const run = await executingRun();
    const charges = [charge(run.taskIds[0])];
    await record(run.executorRunId, charges, "message-1");
    const before = await totalsOf(run.id);
    expect(await record(run.executorRunId, charges, "message-1")).toEqual({
      recorded: 0,
      duplicate: 1,
      conflicting: 0,
    });
    expect(await totalsOf(run.id)).toEqual(before);
  });

  test("under the id of a message that was handled before are not looked at", async () => {
    const run = await executingRun();
    await record(run.executorRunId, [charge(run.taskIds[0])], "message-3");
    expect(await record(run.executorRunId, [charge(run.taskIds[1])], "message-3")).toEqual({
      recorded: 0,
      duplicate: 1,
      conflicting: 0,
    });
    expect(await totalsOf(run.id)).toMatchObject({ receipts_count: "1" });
  });

  test("that come again in another message count once, next to new ones", async () => {
    const run = await executingRun();
    const known = charge(run.taskIds[0]);
    await record(run.executorRunId, [known]);
    expect(await record(run.executorRunId, [known, charge(run.taskIds[1]), known])).toEqual({
      recorded: 1,
      duplicate: 2,
      conflicting: 0,
    });
    expect(await totalsOf(run.id)).toMatchObject({
      usd_spent: "0.10",
      receipts_count: "2",
      tasks_completed: 2,
    });
  });

  test("of another run may have the same id", async () => {
    const [one, two] = [await executingRun(), await executingRun()];
    await record(one.executorRunId, [charge(one.taskIds[0], { receiptId: "same" })]);
    expect(await record(two.executorRunId, [charge(two.taskIds[0], { receiptId: "same" })])).toMatchObject({
      recorded: 1,
    });
  });

  test("of a second attempt turn a failed task into a completed one, whichever is told first", async () => {
    for (const statuses of [
      ["failed", "succeeded"],
      ["succeeded", "failed"],
    ] as const) {
      const run = await executingRun();
      for (const status of statuses) await record(run.executorRunId, [charge(run.taskIds[0], { status })]);
      expect(await totalsOf(run.id)).toMatchObject({
        tasks_completed: 1,
        tasks_failed: 0,
        estimated_usd_done: "0.100000",
      });
      expect(await taskStates(run.projectId)).toEqual(["completed", "pending", "pending"]);
    }
  });

  test("of a refund lower what is spent", async () => {
    const run = await executingRun();
    await record(run.executorRunId, [charge(run.taskIds[0]), charge(run.taskIds[0], { costUsd: -0.02 })]);
    expect(await totalsOf(run.id)).toMatchObject({ usd_spent: "0.03" });
  });

  test("of a rehearsal leave the project's tasks as they are", async () => {
    const run = await executingRun({ kind: "rehearsal" });
    await record(run.executorRunId, [charge(run.taskIds[0])]);
    expect(await totalsOf(run.id)).toMatchObject({ tasks_completed: 1 });
    expect(await taskStates(run.projectId)).toEqual(["pending", "pending", "pending"]);
  });

  test("that arrive after the end are recorded: the money is spent", async () => {
    const run = await executingRun();
    await recordCompletion(desk.ports, {
      messageId: newId(),
      projectId: run.projectId,
      executorRunId: run.executorRunId,
      validationPass: true,
      completedAt: null,
    });
    expect(await record(run.executorRunId, [charge(run.taskIds[0])])).toMatchObject({ recorded: 1 });
    expect(await totalsOf(run.id)).toMatchObject({ usd_spent: "0.05" });
  });

  test("by a clock that runs ahead do not burn in the future", async () => {
    const run = await executingRun();
    const tomorrow = new Date(desk.ports.clock.now().getTime() + 86_400_000);
    await record(run.executorRunId, [charge(run.taskIds[0], { occurredAt: tomorrow })]);
    expect((await totalsOf(run.id)).burn_at).toEqual(desk.ports.clock.now());
  });

  test("add up to the same whatever their order and however they are bundled and repeated", async () => {
    const run = await executingRun({ tasks: 6 });
    const startMs = desk.ports.clock.now().getTime();
    desk.ports.clock.advance(1_800_000);
    const charges = Array.from({ length: 12 }, (_, index) =>
      charge(run.taskIds[index % 6], {
        costUsd: (index + 1) / 1000,
        status: index % 3 === 0 ? "failed" : "succeeded",
        occurredAt: new Date(startMs + index * 100_000),
      }),
    );
    await record(run.executorRunId, charges);
    const { version: _version, ...expected } = await totalsOf(run.id);

    const arrivals = fc.array(fc.uniqueArray(fc.nat(charges.length - 1), { minLength: 1 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(arrivals, async (bundles) => {
        const other = await executingRun({ tasks: 6 });
        await desk.database.db
          .updateTable("plms.project_runs")
          .set({ started_at: new Date(startMs) })
          .where("id", "=", other.id)
          .execute();
        const same = charges.map((given, index) => ({ ...given, taskId: other.taskIds[index % 6] ?? "" }));
        const all = [...bundles, [...charges.keys()].toReversed()];
        for (const bundle of all)
          await record(
            other.executorRunId,
            bundle.flatMap((index) => same[index] ?? []),
          );
        const { version: _version, ...totals } = await totalsOf(other.id);
        expect(totals).toEqual({ ...expected, burn_usd: expect.closeTo(expected.burn_usd, 9) });
      }),
      { numRuns: 15 },
    );
  });

  test("of many messages at once are all counted", async () => {
    const run = await executingRun({ tasks: 30 });
    await Promise.all(
      run.taskIds.map((taskId) => record(run.executorRunId, [charge(taskId, { costUsd: 0.000001 })])),
    );
    expect(await totalsOf(run.id)).toMatchObject({
      usd_spent: "0.000030",
      tasks_completed: 30,
      receipts_count: "30",
      version: "31",
    });
  });
});

describe("a message is not accepted", () => {
  test("for a run that is not known yet, and is accepted once it is", async () => {
    const run = await executingRun();
    const message = { messageId: newId(), executorRunId: "run-to-come", charges: [charge(run.taskIds[0])] };
    await expect(recordReceipts(desk.ports, message)).rejects.toMatchObject({
      code: "CONFLICT",
      details: { retryable: true },
    });
    await desk.database.db
      .updateTable("plms.project_runs")
      .set({ executor_run_id: "run-to-come" })
      .where("id", "=", run.id)
      .execute();
    expect(await recordReceipts(desk.ports, message)).toEqual({ recorded: 1, duplicate: 0, conflicting: 0 });
  });

  test("with a task of another project, and nothing of it is recorded", async () => {
    const [run, other] = [await executingRun(), await executingRun()];
    const stranger = record(run.executorRunId, [charge(run.taskIds[0]), charge(other.taskIds[0])]);
    await expect(stranger).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "receipts.1.task_id", allowed: `a task of project ${run.projectId}` },
    });
    expect(await totalsOf(run.id)).toMatchObject({ receipts_count: "0" });
  });

  test("with a lane that does not exist", async () => {
    const run = await executingRun();
    const stranger = record(run.executorRunId, [charge(run.taskIds[0], { laneId: 9999 })]);
    await expect(stranger).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      details: { field: "receipts.0.lane_id" },
    });
  });
});
