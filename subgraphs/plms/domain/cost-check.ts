import { differenceOf } from "../../../lib/usd.ts";

/** Receipts of one lane, those of them whose usage has a price, and sums of the latter; amounts are decimal text. */
interface LaneCosts {
  laneId: number;
  receipts: number;
  priced: number;
  unpriced: number;
  chargedUsd: string;
  pricedUsd: string;
}

export type CostSums = Omit<LaneCosts, "laneId">;

/** What should have been paid beside what was charged. */
export interface CostFigures {
  receipts: number;
  pricedReceipts: number;
  unpricedReceipts: number;
  chargedUsdExact: string | null;
  pricedUsdExact: string | null;
  differenceUsdExact: string | null;
  /** Of what it costs by the table. */
  differenceShare: number | null;
  reason: "no_receipts" | "no_usage" | "no_prices" | null;
}

export interface CostCheck {
  total: CostFigures;
  lanes: { laneId: number; figures: CostFigures }[];
}

/** Sums beside each other, or why there are none. */
export function costFigures(sums: CostSums): CostFigures {
  const counts = {
    receipts: sums.receipts,
    pricedReceipts: sums.priced,
    unpricedReceipts: sums.unpriced,
  };
  if (sums.priced === 0) {
    return {
      ...counts,
      chargedUsdExact: null,
      pricedUsdExact: null,
      differenceUsdExact: null,
      differenceShare: null,
      reason: reasonOf(sums),
    };
  }
  const differenceUsdExact = differenceOf(sums.chargedUsd, sums.pricedUsd);
  const priced = Number(sums.pricedUsd);
  return {
    ...counts,
    chargedUsdExact: differenceOf(sums.chargedUsd, "0"),
    pricedUsdExact: differenceOf(sums.pricedUsd, "0"),
    differenceUsdExact,
    differenceShare: priced === 0 ? null : Number(differenceUsdExact) / priced,
    reason: null,
  };
}

function reasonOf({ receipts, unpriced }: CostSums): CostFigures["reason"] {
  if (receipts === 0) return "no_receipts";
  return unpriced === 0 ? "no_usage" : "no_prices";
}
