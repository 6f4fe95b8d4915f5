import type { BudgetRunwaySubscription } from "../../../schema/generated/documents.ts";
import { limitUsd, usd } from "../ui/format.ts";

type Runway = BudgetRunwaySubscription["budgetRunway"];

/** Spent, committed, the projected range and the limit, on one scale that always holds all of them. */
export function Gauge({ runway }: { runway: Runway }) {
  const { usdSpent, usdCommitted, usdMax } = runway.budget;
  const { projectedCostUsd: projected, projectedCostInterval: range } = runway;
  const scale = Math.max(usdMax ?? 0, range.high, usdSpent + usdCommitted) * 1.04 || 1;
  const at = (amount: number) => `${(100 * Math.min(amount, scale)) / scale}%`;
  const between = (low: number, high: number) => ({ left: at(low), width: at(Math.max(0, high - low)) });
  return (
    <div className="gauge" role="img" aria-label={labelOf(runway)} data-tone={runway.status}>
      <div className="track">
        <span className="range" style={between(Math.max(range.low, usdSpent), range.high)} />
        <span className="spent" style={{ width: at(usdSpent) }} />
        <span className="committed" style={between(usdSpent, usdSpent + usdCommitted)} />
        {projected !== null && <span className="projected" style={{ left: at(projected) }} />}
        {usdMax !== null && <span className="limit" style={{ left: at(usdMax) }} />}
      </div>
      <div className="legend" aria-hidden="true">
        <span className="key spent">spent</span>
        <span className="key committed">committed</span>
        <span className="key range">range of the total</span>
        <span className="key projected">projected</span>
        {usdMax !== null && <span className="key limit">budget</span>}
      </div>
    </div>
  );
}

function labelOf({ budget, projectedCostUsd, projectedCostInterval: { low, high } }: Runway): string {
  const projected =
    projectedCostUsd === null
      ? ""
      : `, projected ${usd(projectedCostUsd)}, between ${usd(low)} and ${usd(high)}`;
  return `Spent ${usd(budget.usdSpent)} of ${limitUsd(budget.usdMax)}, committed ${usd(budget.usdCommitted)}${projected}`;
}
