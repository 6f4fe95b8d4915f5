import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { readBill } from "../../../subgraphs/catalog/legacy/domain/import/bill.ts";

const BILL = new URL("bills/bad-days.csv", import.meta.url);

test("A bill with days that no month has is taken without those lines, and each is told with its day", async () => {
  const plain = { columns: new Map(), units: new Map(), currency: undefined, hasDecimalComma: false };
  const bill = readBill(await readFile(BILL, "utf8"), plain);
  expect(bill).toMatchObject({
    parts: [{ partNumber: "P-3", details: { effectiveFrom: "2026-02-28" } }],
    refused: [
      { place: "line 2", reason: 'its day "2026-02-31" is not a day like 2026-01-31' },
      { place: "line 3", reason: 'its day "2026-13-01" is not a day like 2026-01-31' },
    ],
  });
});
