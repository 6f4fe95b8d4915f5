import { describe, expect, test } from "vitest";
import { addCharge, NO_BURN } from "../../../subgraphs/plms/domain/burn.ts";
import type { Usage } from "../../../subgraphs/plms/domain/usage.ts";
import { useReceipts } from "../receipts.ts";

const desk = useReceipts();
const { executingRun, charge, record, totalsOf } = desk;

const usage: Usage = {
  model: "gpt-4o-mini",
  inputTokens: 1000,
  outputTokens: 100,
  cacheReadTokens: 400,
  cacheWriteTokens: null,
  reasoningTokens: null,
};

describe("a receipt that tells its usage", () => {
  test("shows what it costs by the price table, and by how much it was charged more", async () => {
    const run = await executingRun();
    await record(run.executorRunId, [charge(run.taskIds[0], { costUsd: 0.0002, usage })]);
    const page = await desk.ports.runs.receipts([run.id], { first: 1, after: undefined });
    expect(page.get(run.id)?.items[0]).toMatchObject({
      usage,
      // 600 x 0.15 + 400 x 0.075 + 100 x 0.6, for a million tokens
      pricing: {
        usdExact: "0.00018",
        differenceUsdExact: "0.00002",
        priceVersion: "2025-08-07",
        reason: null,
      },
    });
  });

  test("of an unknown model is recorded with a reason instead of a price", async () => {
    const run = await executingRun();
    await record(run.executorRunId, [charge(run.taskIds[0], { usage: { ...usage, model: "house-model" } })]);
    const page = await desk.ports.runs.receipts([run.id], { first: 1, after: undefined });
    expect(page.get(run.id)?.items[0]?.pricing).toEqual({
      usdExact: null,
      differenceUsdExact: null,
      priceVersion: null,
      reason: "unknown_model",
    });
  });
});

describe("the cost check", () => {
  test("adds up what has a price, by lane and over all runs, and counts the others", async () => {
    const run = await executingRun();
    const [first, second, third] = run.taskIds;
    await record(run.executorRunId, [
      charge(first, { costUsd: 0.0002, usage }),
      charge(second, { costUsd: 0.00017, usage }),
      charge(third, { costUsd: 5, usage: { ...usage, model: "house-model" } }),
      charge(third, { costUsd: 5 }),
    ]);
    const figures = {
      receipts: 4,
      pricedReceipts: 2,
      unpricedReceipts: 1,
      chargedUsdExact: "0.00037",
      pricedUsdExact: "0.00036",
      differenceUsdExact: "0.00001",
      differenceShare: expect.closeTo(1 / 36, 9),
      reason: null,
    };
    const check = { total: figures, lanes: [{ laneId: 4200, figures }] };
    expect((await desk.ports.costChecks.ofRuns([run.id])).get(run.id)).toEqual(check);
    expect((await desk.ports.costChecks.ofProjects([run.projectId])).get(run.projectId)).toEqual(check);
  });

  test("says why there is nothing to compare", async () => {
    const run = await executingRun();
    const reason = async () => (await desk.ports.costChecks.ofRuns([run.id])).get(run.id)?.total.reason;
    expect(await reason()).toBe("no_receipts");
    await record(run.executorRunId, [charge(run.taskIds[0])]);
    expect(await reason()).toBe("no_usage");
    await record(run.executorRunId, [charge(run.taskIds[0], { usage: { ...usage, model: null } })]);
    expect(await reason()).toBe("no_prices");
  });
});

test("what burns is the sum that the domain makes of the charges, each with the weight of its age", async () => {
  const run = await executingRun();
  const startMs = desk.ports.clock.now().getTime();
  desk.ports.clock.advance(3_600_000);
  const ages = [0, 50, 20, 45];
  const charges = ages.map((minutes, index) =>
    charge(run.taskIds[0], {
      costUsd: index === 2 ? -1 : 0.5 + index,
      occurredAt: new Date(startMs + minutes * 60_000),
    }),
  );
  for (const one of charges) await record(run.executorRunId, [one]);
  const burn = charges
    .map(({ costUsd, occurredAt }) => ({ costUsd, atMs: occurredAt.getTime() }))
    .reduce(addCharge, NO_BURN);
  expect(await totalsOf(run.id)).toMatchObject({
    burn_usd: expect.closeTo(burn.usd, 9),
    burn_at: new Date(burn.atMs ?? 0),
  });
});
