import { describe, expect, test } from "vitest";
import { useReceipts } from "../receipts.ts";

const NO_PARTS = { cacheReadTokens: null, cacheWriteTokens: null, reasoningTokens: null };

const desk = useReceipts();
const { newId, executingRun, charge, record, totalsOf } = desk;

describe("receipts", () => {
  test("of less than a millionth of a dollar add up to the last digit", async () => {
    const run = await executingRun();
    const tiny = Array.from({ length: 950 }, () => charge(run.taskIds[0], { costUsd: 4e-7 }));
    await record(run.executorRunId, tiny);
    await record(
      run.executorRunId,
      tiny.map((same) => ({ ...same, receiptId: newId() })),
    );
    expect(Number((await totalsOf(run.id)).usd_spent)).toBe(0.000_76);
    expect((await desk.ports.runs.byIds([run.id]))[0]?.usdSpent).toBe(0.000_76);
    const page = await desk.ports.runs.receipts([run.id], { first: 1, after: undefined });
    expect(page.get(run.id)?.items[0]).toMatchObject({ costUsd: 4e-7, costUsdExact: "0.0000004" });
  });

  test("that come again with another amount change nothing, and are kept for somebody to see", async () => {
    const run = await executingRun();
    const known = charge(run.taskIds[0], { costUsd: 0.05 });
    await record(run.executorRunId, [known]);
    const other = { ...known, costUsd: 0.5, tokens: 900 };
    expect(await record(run.executorRunId, [other, charge(run.taskIds[1])])).toEqual({
      recorded: 1,
      duplicate: 1,
      conflicting: 1,
    });
    await record(run.executorRunId, [other]);
    expect(await totalsOf(run.id)).toMatchObject({ receipts_count: "2", tokens_spent: "1000" });
    expect((await desk.ports.runs.receiptConflicts([run.id])).get(run.id)).toEqual([
      expect.objectContaining({
        receiptId: known.receiptId,
        kept: { taskId: run.taskIds[0], tokens: 500, costUsdExact: "0.05" },
        told: { taskId: run.taskIds[0], tokens: 900, costUsdExact: "0.5" },
        times: 2,
      }),
    ]);
  });

  test("that disagree within one message count as the first says", async () => {
    const run = await executingRun();
    const first = charge(run.taskIds[0], { costUsd: 0.05 });
    expect(await record(run.executorRunId, [first, { ...first, costUsd: 7 }])).toMatchObject({
      recorded: 1,
      conflicting: 1,
    });
    expect(Number((await totalsOf(run.id)).usd_spent)).toBe(0.05);
  });

  test("that are told as nobody else tells them are kept to the letter", async () => {
    const run = await executingRun();
    const receiptId = String.raw`{"NULL",\\'} ü`;
    await record(run.executorRunId, [
      charge(run.taskIds[0], { receiptId, provider: "NULL", costUsd: 1e-18 }),
      charge(run.taskIds[0], { receiptId: "NULL", costUsd: 10_000_000 }),
    ]);
    const page = await desk.ports.runs.receipts([run.id], { first: 2, after: undefined });
    expect(page.get(run.id)?.items).toEqual([
      expect.objectContaining({ receiptId: "NULL", costUsdExact: "10000000" }),
      expect.objectContaining({ receiptId, provider: "NULL", costUsdExact: "0.000000000000000001" }),
    ]);
  });

  test("of which one is known and one comes twice add what is new, with all that it says", async () => {
    const run = await executingRun();
    const known = charge(run.taskIds[0]);
    await record(run.executorRunId, [known]);
    const usage = { inputTokens: 900, outputTokens: 100, ...NO_PARTS, model: "gpt-4o-mini" };
    const fresh = charge(run.taskIds[1], { echoCos: 0.5, usage });
    const other = charge(run.taskIds[2]);
    expect(await record(run.executorRunId, [other, known, fresh, fresh])).toEqual({
      recorded: 2,
      duplicate: 2,
      conflicting: 0,
    });
    const page = await desk.ports.runs.receipts([run.id], { first: 3, after: undefined });
    expect(page.get(run.id)?.items.map(({ receiptId }) => receiptId)).toEqual(
      [fresh, other, known].map(({ receiptId }) => receiptId),
    );
    expect(page.get(run.id)?.items[0]).toMatchObject({ echoCos: 0.5, usage });
    expect(Number((await totalsOf(run.id)).usd_spent)).toBe(0.15);
  });

  test("that come weeks after the newest, or weeks before it, count as any other", async () => {
    const run = await executingRun({ startedDaysAgo: 60 });
    const daysAgo = (days: number) => new Date(desk.ports.clock.now().getTime() - days * 86_400_000);
    await record(run.executorRunId, [charge(run.taskIds[0], { occurredAt: daysAgo(20) })]);
    await record(run.executorRunId, [
      charge(run.taskIds[1], { occurredAt: daysAgo(50) }),
      charge(run.taskIds[2], { costUsd: 0.02, occurredAt: daysAgo(0) }),
    ]);
    const totals = await totalsOf(run.id);
    expect(Number(totals.usd_spent)).toBe(0.12);
    expect(totals.burn_usd).toBeCloseTo(0.02, 9);
  });

  test("of a credit do not slow what burns", async () => {
    const run = await executingRun();
    await record(run.executorRunId, [charge(run.taskIds[0], { costUsd: 5 })]);
    const before = await totalsOf(run.id);
    await record(run.executorRunId, [charge(run.taskIds[0], { costUsd: -60 })]);
    expect((await totalsOf(run.id)).burn_usd).toBe(before.burn_usd);
  });
});
