import * as fc from "fast-check";
import { expect, test } from "vitest";
import { useReceipts } from "../receipts.ts";

const desk = useReceipts();
const { executingRun, charge, record, totalsOf } = desk;

/** Billionths of a dollar, of which a third are credits. */
const billionths = fc.integer({ min: -5_000_000_000, max: 10_000_000_000 });
const inUsd = (amount: number): number => Number(`${amount}e-9`);

test("charges and credits add up to the billionth, however often they are told, and whoever tells another amount is listed", async () => {
  const told = fc.array(
    fc.record({ amount: billionths, isRepeated: fc.boolean(), other: fc.option(billionths) }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(told, async (given) => {
      const run = await executingRun();
      const charges = given.map(({ amount }) => charge(run.taskIds[0], { costUsd: inUsd(amount) }));
      await record(run.executorRunId, charges);
      const again = charges.filter((_, index) => index === 0 || given[index]?.isRepeated);
      expect(await record(run.executorRunId, again)).toMatchObject({ recorded: 0, conflicting: 0 });
      const others = charges.flatMap((known, index) => {
        const { amount, other } = given[index] ?? { amount: 0, other: null };
        return other === null || other === amount ? [] : [{ ...known, costUsd: inUsd(other) }];
      });
      const answer = others.length > 0 ? await record(run.executorRunId, others) : undefined;
      expect(answer?.conflicting ?? 0).toBe(others.length);
      expect(answer?.recorded ?? 0).toBe(0);

      const exact = given.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
      const { usd_spent } = await totalsOf(run.id);
      const [whole = "0", part = ""] = usd_spent.replace("-", "").split(".");
      const stored = BigInt(whole + part.padEnd(9, "0").slice(0, 9)) * (usd_spent.startsWith("-") ? -1n : 1n);
      expect(stored).toBe(exact);
      expect(part.slice(9)).toMatch(/^0*$/);
      const conflicts = (await desk.ports.runs.receiptConflicts([run.id])).get(run.id) ?? [];
      expect(conflicts.map(({ receiptId }) => receiptId).toSorted()).toEqual(
        others.map(({ receiptId }) => receiptId).toSorted(),
      );
    }),
    { numRuns: 20 },
  );
});
