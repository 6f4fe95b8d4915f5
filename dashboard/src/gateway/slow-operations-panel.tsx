import type { GatewayHealthQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { count, milliseconds } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";

type Operation = GatewayHealthQuery["gatewayHealth"]["slowOperations"][number];

export function SlowOperationsPanel({ live }: { live: Live<GatewayHealthQuery> }) {
  return (
    <Panel
      title="Slow operations"
      live={live}
      className="wide"
      lines={6}
      empty={({ gatewayHealth }) =>
        gatewayHealth.slowOperations.length === 0 ? "No operation was asked yet." : undefined
      }
    >
      {({ gatewayHealth }) => <Operations operations={gatewayHealth.slowOperations} />}
    </Panel>
  );
}

function Operations({ operations }: { operations: readonly Operation[] }) {
  return (
    <table className="cards">
      <TableHead
        columns={[
          "Operation",
          ["Calls", "right"],
          ["On average", "right"],
          ["Slowest", "right"],
          ["When", "right"],
        ]}
      />
      <tbody>
        {operations.map(({ name, kind, calls, averageMs, maxMs, maxAt }) => (
          <tr key={`${kind} ${name}`}>
            <th scope="row">
              {name} <span className="soft">{kind}</span>
            </th>
            <td data-label="Calls" className="number right">
              {count(calls)}
            </td>
            <td data-label="On average" className="number right">
              {milliseconds(averageMs)}
            </td>
            <td data-label="Slowest" className="number right">
              {milliseconds(maxMs)}
            </td>
            <td data-label="When" className="right soft">
              <Ago at={maxAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
