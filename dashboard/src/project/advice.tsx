import { useState } from "react";
import type { BudgetRunwaySubscription } from "../../../schema/generated/documents.ts";
import { useMay } from "../graphql/session.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { usd } from "../ui/format.ts";
import { Countdown } from "../ui/moment.tsx";
import { BudgetDialog } from "./dialogs.ts";

type Runway = BudgetRunwaySubscription["budgetRunway"];

/** Why a budget is in danger and what to do; how long that is from now is worked out while it is read. */
export function AdviceBox({ projectId, runway }: { projectId: string; runway: Runway }) {
  const [isOpen, setOpen] = useState(false);
  const mayManage = useMay("projects.manage");
  const { advice, status, budget } = runway;
  if (advice === null) return null;
  const { sentence, moneyEndsAt, workEndsAt, raiseByUsd } = advice;
  const raisedUsd = (budget.usdMax ?? 0) + (raiseByUsd ?? 0);
  return (
    <div className="advice" data-tone={status}>
      <p>{sentence}</p>
      {(moneyEndsAt ?? workEndsAt) && (
        <Facts>
          <Fact name="Money ends">{moneyEndsAt === null ? "–" : <Countdown to={moneyEndsAt} />}</Fact>
          <Fact name="Work ends">{workEndsAt === null ? "–" : <Countdown to={workEndsAt} />}</Fact>
        </Facts>
      )}
      {mayManage && raiseByUsd !== null && raiseByUsd > 0 && (
        <div className="buttons">
          <button type="button" onClick={() => setOpen(true)}>
            Raise by {usd(raiseByUsd)}
          </button>
        </div>
      )}
      {isOpen && <BudgetDialog projectId={projectId} usdMax={raisedUsd} onClose={() => setOpen(false)} />}
    </div>
  );
}
