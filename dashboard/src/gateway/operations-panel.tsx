import { Fragment, useState } from "react";
import { OperationPlanDocument, type GatewayHistoryQuery } from "../../../schema/generated/documents.ts";
import { usePolled, type Live } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { count, milliseconds } from "../ui/format.ts";
import { Ago } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";
import type { GatewayHistory } from "./gateway-charts.ts";

type Operation = GatewayHistory["operations"][number];

/** Which operations took longest in the range that is looked at, and how they are planned. */
export function OperationsPanel({ live }: { live: Live<GatewayHistoryQuery> }) {
  return (
    <Panel
      title="Slow operations"
      live={live}
      className="wide"
      lines={6}
      empty={({ gatewayHealth }) =>
        gatewayHealth.history.operations.length === 0 ? "No operation was asked in this range." : undefined
      }
    >
      {({ gatewayHealth }) => <Operations operations={gatewayHealth.history.operations} />}
    </Panel>
  );
}

function Operations({ operations }: { operations: readonly Operation[] }) {
  const [shown, setShown] = useState<string>();
  const maySeePlans = useMay("plm.admin");
  return (
    <table className="cards">
      <TableHead
        columns={[
          "Operation",
          ["Calls", "right"],
          ["With errors", "right"],
          ["On average", "right"],
          ["Slowest", "right"],
          ["When", "right"],
        ]}
      />
      <tbody>
        {operations.map((operation) => (
          <Fragment key={`${operation.kind} ${operation.name}`}>
            <tr>
              <th scope="row">
                {operation.name} <span className="soft">{operation.kind}</span>{" "}
                {maySeePlans && (
                  <button
                    type="button"
                    className="quiet"
                    aria-expanded={shown === operation.name}
                    onClick={() => setShown(shown === operation.name ? undefined : operation.name)}
                  >
                    Plan<span className="visually-hidden"> of {operation.name}</span>
                  </button>
                )}
              </th>
              <Figures {...operation} />
            </tr>
            {shown === operation.name && (
              <tr>
                <td colSpan={6}>
                  <Plan name={operation.name} />
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

const Figures = ({ calls, failed, averageMs, maxMs, maxAt }: Operation) => (
  <>
    <td data-label="Calls" className="number right">
      {count(calls)}
    </td>
    <td data-label="With errors" className="number right">
      {count(failed)}
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
  </>
);

const PLAN_EVERY_MS = 60_000;

function Plan({ name }: { name: string }) {
  const { data, problem } = usePolled(OperationPlanDocument, { name }, { everyMs: PLAN_EVERY_MS });
  if (problem) return <p className="problem">{problem}</p>;
  if (!data) return <p className="empty">Loading…</p>;
  const { operationPlan } = data.gatewayHealth;
  return operationPlan === null ? (
    <p className="empty">Its text was not kept, or the supergraph does not allow it any more.</p>
  ) : (
    <pre className="plan" tabIndex={0} aria-label={`Plan of ${name}`}>
      {operationPlan}
    </pre>
  );
}
