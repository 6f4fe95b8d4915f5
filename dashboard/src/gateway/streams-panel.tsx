import type { GatewayHealthQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { compact, count } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";

type Stream = GatewayHealthQuery["gatewayHealth"]["streams"][number];

/** Which streams of subgraphs are open, and how many clients share each. */
export function StreamsPanel({ live }: { live: Live<GatewayHealthQuery> }) {
  return (
    <Panel
      title="Streams and who shares them"
      live={live}
      lines={5}
      empty={({ gatewayHealth }) =>
        gatewayHealth.streams.length === 0 ? "Nobody subscribes to anything." : undefined
      }
    >
      {({ gatewayHealth: { streams, subscriptions } }) => (
        <>
          <Streams streams={streams} />
          {subscriptions.triggers > streams.length && (
            <p className="hint">
              The {streams.length} that are shared most, of {count(subscriptions.triggers)}.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

function Streams({ streams }: { streams: readonly Stream[] }) {
  return (
    <table className="cards">
      <TableHead columns={["Stream", ["Listeners", "right"], ["Events", "right"], ["Open since", "right"]]} />
      <tbody>
        {streams.map(({ name, field, listeners, events, since }, place) => (
          <tr key={`${name} ${field} ${since} ${place}`}>
            <th scope="row">
              {name || field} {name && <span className="soft">{field}</span>}
            </th>
            <td data-label="Listeners" className="number right">
              {count(listeners)}
            </td>
            <td data-label="Events" className="number right">
              {compact(events)}
            </td>
            <td data-label="Open since" className="right soft">
              <Ago at={since} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
