import { useMay } from "../graphql/session.tsx";
import { CircuitPanel } from "../plm/circuit-panel.tsx";
import { DiffsSummary } from "../plm/diffs-summary.tsx";
import { DemoPanel } from "../plm/demo-panel.tsx";
import { GatePanel } from "../plm/gate-panel.tsx";
import { HealthPanel } from "../plm/health-panel.tsx";
import { HistoryCurve } from "../plm/history-curve.tsx";
import { LeftoversPanel } from "../plm/leftovers-panel.tsx";
import { ModePanel } from "../plm/mode-panel.tsx";
import { OutboxPanel } from "../plm/outbox-panel.tsx";
import { PerformancePanel } from "../plm/performance-panel.tsx";
import { PlmAlertsPanel } from "../plm/plm-alerts-panel.tsx";
import { RangeControl } from "../time/range-control.tsx";
import { useTimeRange } from "../time/time-range.ts";
import { Card, Columns } from "../ui/panel.tsx";
import { PageTitle } from "../ui/page-title.tsx";

const PRESETS = ["1h", "15m", "6h", "24h", "14d"] as const;

export function PlmHealthPage() {
  const isAdmin = useMay("plm.admin");
  const time = useTimeRange(PRESETS);
  return (
    <>
      <PageTitle>PLM health</PageTitle>
      {isAdmin ? (
        <div className="stack">
          <RangeControl {...time} />
          <HealthPanel />
          <Columns>
            <>
              <CircuitPanel />
              <PlmAlertsPanel />
              <GatePanel />
              <OutboxPanel />
            </>
            <>
              <ModePanel />
              <DemoPanel />
              <HistoryCurve time={time} />
              <PerformancePanel />
            </>
          </Columns>
          <LeftoversPanel />
          <DiffsSummary />
        </div>
      ) : (
        <Card title="For administrators">
          <p className="empty">
            Sign in with a token that holds the scope <code>plm.admin</code> to see how the link to the PLM is
            doing. The state of its circuit is on the gateway page, for everyone.
          </p>
        </Card>
      )}
    </>
  );
}
