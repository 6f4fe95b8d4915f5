import type { GatewayHistoryQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { count, milliseconds } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import type { GatewayHistory } from "./gateway-charts.ts";

/** How long events took from a subgraph to everybody who listens. */
export function LagPanel({ live }: { live: Live<GatewayHistoryQuery> }) {
  return (
    <Panel
      title="Lag of events"
      live={live}
      lines={5}
      empty={({ gatewayHealth }) =>
        gatewayHealth.history.lag.length === 0 ? "No event came in this range." : undefined
      }
    >
      {({ gatewayHealth }) => <Bars bars={gatewayHealth.history.lag} />}
    </Panel>
  );
}

function Bars({ bars }: { bars: GatewayHistory["lag"] }) {
  const most = Math.max(...bars.map((bar) => bar.count));
  return (
    <>
      <table className="bars">
        <caption className="visually-hidden">Events by the time until everybody had been handed them</caption>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.upToMs}>
              <th scope="row" className="number">
                ≤ {milliseconds(bar.upToMs)}
              </th>
              <td>
                <span className="bar-fill" style={{ width: `${(100 * bar.count) / most}%` }} />
              </td>
              <td className="number right">{count(bar.count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">From an event's arrival until everybody who listens had been handed it.</p>
    </>
  );
}
