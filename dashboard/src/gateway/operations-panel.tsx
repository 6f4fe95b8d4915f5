import { useState } from "react";
import { OperationPlanDocument, type GatewayHistoryQuery } from "../../../schema/generated/documents.ts";
import { usePolled, type Live } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { count, milliseconds } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { FiguresTable } from "./figures-table.tsx";
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
  const title = ({ name, kind }: Operation) => (
    <>
      {name} <span className="soft">{kind}</span>{" "}
      {maySeePlans && (
        <button
          type="button"
          className="quiet"
          aria-expanded={shown === name}
          onClick={() => setShown(shown === name ? undefined : name)}
        >
          Plan<span className="visually-hidden"> of {name}</span>
        </button>
      )}
    </>
  );
  return (
    <FiguresTable
      rows={operations}
      keyOf={({ kind, name }) => `${kind} ${name}`}
      title={["Operation", title]}
      figures={FIGURES}
      moment={["When", ({ maxAt }) => maxAt]}
      opened={({ name }) => shown === name && <Plan name={name} />}
    />
  );
}

const FIGURES: readonly (readonly [name: string, value: (operation: Operation) => string])[] = [
  ["Calls", ({ calls }) => count(calls)],
  ["With errors", ({ failed }) => count(failed)],
  ["On average", ({ averageMs }) => milliseconds(averageMs)],
  ["Slowest", ({ maxMs }) => milliseconds(maxMs)],
];

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
