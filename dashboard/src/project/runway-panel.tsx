import { BudgetRunwayDocument, type BudgetRunwaySubscription } from "../../../schema/generated/documents.ts";
import { useLive } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { Fact, Facts, Range } from "../ui/facts.tsx";
import { limitUsd, minutes, percent, sentence, usd } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { AdviceBox } from "./advice.tsx";
import { Gauge } from "./gauge.tsx";

type Runway = BudgetRunwaySubscription["budgetRunway"];

export function RunwayPanel({ projectId }: { projectId: string }) {
  const live = useLive(BudgetRunwayDocument, { projectId });
  const runway = live.data?.budgetRunway;
  return (
    <Panel
      title="Budget runway"
      live={live}
      lines={7}
      className="runway"
      aside={runway && <Badge value={runway.status} />}
    >
      {({ budgetRunway }) => <RunwayView projectId={projectId} runway={budgetRunway} />}
    </Panel>
  );
}

function RunwayView({ projectId, runway }: { projectId: string; runway: Runway }) {
  const { budget } = runway;
  return (
    <>
      <p className="headline">
        <strong className="number">{headlineOf(runway)}</strong>
        {runway.minutesToDepletion === 0 && runway.reason === null && (
          <span className="soft">What is spent and committed uses up the budget.</span>
        )}
        {runway.minutesToDepletion !== 0 && <Range interval={runway.depletionInterval} format={minutes} />}
        {runway.reason && <span className="soft"> {REASONS[runway.reason]}</span>}
      </p>
      <AdviceBox projectId={projectId} runway={runway} />
      <Gauge runway={runway} />
      <Facts>
        <Fact name="Spent">
          {usd(budget.usdSpent)}{" "}
          <span className="soft">
            {budget.usdMax === null ? "without a limit" : `of ${limitUsd(budget.usdMax)}`}
          </span>
        </Fact>
        <Fact name="Committed" hint="What the tasks in progress will cost at most, with 90 % certainty">
          {usd(budget.usdCommitted)}
        </Fact>
        <Fact name="Burn" hint="Weighted towards the last 15 minutes">
          {usd(budget.burnPerMin)} / min <Range interval={budget.burnInterval} format={usd} />
        </Fact>
        <Fact name="Work ends" hint="When the open tasks are done at the pace so far">
          {runway.minutesToCompletion === null ? "–" : `in ${minutes(runway.minutesToCompletion)}`}
        </Fact>
        <Fact name="Projected cost">
          {runway.projectedCostUsd === null ? "–" : usd(runway.projectedCostUsd)}{" "}
          <Range interval={runway.projectedCostInterval} format={usd} />
        </Fact>
        <Fact name="Projected overrun">
          {runway.projectedOverrunUsd === null ? "–" : usd(runway.projectedOverrunUsd)}
        </Fact>
        <Fact name="Chance of an overrun">
          {runway.overrunProbability === null ? "–" : percent(runway.overrunProbability)}
        </Fact>
      </Facts>
      {endsInTime(runway) && (
        <p className="hint">
          At the present burn. The run is expected to end before that, within its budget.
        </p>
      )}
      {runway.warnings.includes("METHODS_DISAGREE") && (
        <p className="hint">The ways to project the cost differ by more than a quarter.</p>
      )}
    </>
  );
}

const UNLIKELY = 0.05;

/** The budget would not last at the present burn, but it does not have to. */
const endsInTime = ({ minutesToDepletion, overrunProbability }: Runway): boolean =>
  Boolean(minutesToDepletion) && overrunProbability !== null && overrunProbability < UNLIKELY;

const headlineOf = ({ minutesToDepletion, reason }: Runway): string => {
  if (minutesToDepletion === 0) return "Nothing left";
  if (minutesToDepletion !== null) return `${minutes(minutesToDepletion)} left`;
  return reason ? sentence(reason) : "No end in sight";
};

const REASONS: Readonly<Record<NonNullable<Runway["reason"]>, string>> = {
  NOT_STARTED: "No run has started yet.",
  NO_DATA: "The run has no receipts yet.",
  ZERO_BURN: "Nothing was charged recently.",
  OVER_BUDGET: "The budget is used up.",
  NO_BUDGET: "There is no budget to compare with.",
  PAUSED: "The run is paused.",
  FINISHED: "The run has ended.",
  LOW_CONFIDENCE: "Too few receipts for a reliable figure.",
};
