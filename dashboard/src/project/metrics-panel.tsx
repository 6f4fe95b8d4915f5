import { ProjectMetricsDocument, type ProjectMetricsQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { compact, milliseconds, usd } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";
import { Range } from "../ui/facts.tsx";

type Metrics = NonNullable<ProjectMetricsQuery["project"]>["metrics"];
type Interval = NonNullable<Metrics["estimated"]["intervals"]>["costUsd"];

interface Line {
  name: string;
  estimated: number;
  actual: number | undefined;
  interval: Interval | undefined;
  errorPct: number | null | undefined;
  isInside: boolean | null | undefined;
  format: (value: number) => string;
}

export function MetricsPanel({ projectId }: { projectId: string }) {
  const live = usePolled(ProjectMetricsDocument, { projectId });
  return (
    <Panel title="Estimate and actual" live={live} lines={4}>
      {({ project }) =>
        project && <MetricsTable lines={linesOf(project.metrics)} metrics={project.metrics} />
      }
    </Panel>
  );
}

function linesOf({ estimated, actual, accuracy }: Metrics): Line[] {
  return [
    {
      name: "Cost",
      estimated: estimated.costUsd,
      actual: actual?.costUsd,
      interval: estimated.intervals?.costUsd,
      errorPct: accuracy?.costErrorPct,
      isInside: accuracy?.costInInterval,
      format: usd,
    },
    {
      name: "Tokens",
      estimated: estimated.tokens,
      actual: actual?.tokens,
      interval: estimated.intervals?.tokens,
      errorPct: accuracy?.tokenErrorPct,
      isInside: accuracy?.tokensInInterval,
      format: compact,
    },
    {
      name: "Work",
      estimated: estimated.durationMs,
      actual: actual?.durationMs,
      interval: estimated.intervals?.durationMs,
      errorPct: accuracy?.timeErrorPct,
      isInside: accuracy?.durationInInterval,
      format: milliseconds,
    },
  ];
}

function MetricsTable({ lines, metrics }: { lines: Line[]; metrics: Metrics }) {
  return (
    <>
      <table className="cards">
        <TableHead columns={["Of all tasks", "Estimated", "Expected range", "Actual"]} />
        <tbody>
          {lines.map((line) => (
            <MetricsRow key={line.name} line={line} />
          ))}
        </tbody>
      </table>
      {metrics.actual && !metrics.accuracy && <p className="hint">Compared when the run has completed.</p>}
    </>
  );
}

function MetricsRow({ line }: { line: Line }) {
  const { name, estimated, actual, interval, errorPct, isInside, format } = line;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-label="Estimated" className="number">
        {format(estimated)}
      </td>
      <td data-label="Expected range">
        <Range interval={interval ?? null} format={format} />
      </td>
      <td data-label="Actual" className="number">
        {actual === undefined ? <span className="soft">–</span> : format(actual)}{" "}
        {typeof errorPct === "number" && (
          <Badge value={`${errorPct.toFixed(0)} % off`} tone={isInside === false ? "warn" : "good"} />
        )}
      </td>
    </tr>
  );
}
