import {
  RunKpisDocument,
  RunKpiValidatorsDocument,
  type ProjectQuery,
  type RunKpisQuery,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { usePolled, type Live } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { Badge } from "../ui/badge.tsx";
import { sentence } from "../ui/format.ts";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";

type Result = NonNullable<RunKpisQuery["projectRun"]>["kpiResults"][number];

/** How the newest run fared against its KPIs: red with the reason first, green once all hold. */
export function KpiPanel({ live: project }: { live: Live<ProjectQuery> }) {
  const run = project.data?.project?.runs.edges[0]?.node;
  const runId = run?.id;
  const live = usePolled(
    RunKpisDocument,
    { runId: runId ?? "" },
    { everyMs: 5_000, pause: runId === undefined },
  );
  if (runId === undefined) return null;
  const results = live.data?.projectRun?.kpiResults ?? [];
  const failed = results.filter(({ pass, isAdvisory }) => !pass && !isAdvisory).length;
  return (
    <Panel
      title="KPIs"
      live={live}
      aside={results.length > 0 && <KpiBadge failed={failed} />}
      className={failed > 0 ? "alarm" : ""}
      empty={({ projectRun }) => (projectRun?.kpiResults.length ? undefined : notMeasured(run?.status ?? ""))}
    >
      {(data) => (
        <>
          <ResultList results={latestFirstFailing(results)} lanes={data.lanes} />
          <MeasureAgain runId={runId} refresh={live.retry} />
        </>
      )}
    </Panel>
  );
}

/** A run that was given up is not measured any more. */
const notMeasured = (status: string): string =>
  status === "CANCELLED" || status === "FAILED"
    ? `Not measured: the run was ${status === "FAILED" ? "given up" : "cancelled"} before its end.`
    : "Not measured yet: this happens when the run ends.";

const KpiBadge = ({ failed }: { failed: number }) =>
  failed > 0 ? <Badge value={`${failed} missed`} tone="bad" /> : <Badge value="all met" tone="good" />;

const latestFirstFailing = (results: readonly Result[]): Result[] =>
  [...results].sort((a, b) => Number(a.pass) - Number(b.pass));

const OPERATORS: Readonly<Record<string, string>> = {
  ">=": "at least",
  "<=": "at most",
  ">": "more than",
  "<": "less than",
  "==": "",
  "!=": "other than",
};

/** A measured value for people; a boolean says whether the check held. */
const told = (value: unknown): string => {
  if (typeof value === "boolean") return value ? "passed" : "not passed";
  return typeof value === "number" ? value.toLocaleString("en", { maximumFractionDigits: 3 }) : String(value);
};

function ResultList({ results, lanes }: { results: Result[]; lanes: RunKpisQuery["lanes"] }) {
  const laneName = (id: number) => lanes.find((lane) => lane.id === id)?.name ?? `lane ${id}`;
  return (
    <ul className="rows">
      {results.map((result) => (
        <li key={result.id}>
          <span>
            <strong>{sentence(result.kpi)}</strong> <span className="soft">{laneName(result.laneId)}</span>
            <br />
            <span className="number">
              {told(result.value)}{" "}
              <span className="soft">
                should be {OPERATORS[result.operator] ?? result.operator} {told(result.threshold)}
              </span>
            </span>
            <br />
            <span className="soft">
              {result.detail}, <Moment at={result.measuredAt} />
            </span>
          </span>
          <ResultBadge result={result} />
        </li>
      ))}
    </ul>
  );
}

function ResultBadge({ result: { pass, isAdvisory } }: { result: Result }) {
  if (pass) return <Badge value="met" tone="good" />;
  return isAdvisory ? <Badge value="below advice" tone="warn" /> : <Badge value="missed" tone="bad" />;
}

function MeasureAgain({ runId, refresh }: { runId: string; refresh: () => void }) {
  const { act, isActing } = useAction(RunKpiValidatorsDocument, {
    success: "KpiValidation",
    done: "The KPIs are measured.",
  });
  if (!useMay("projects.manage")) return null;
  const click = async () => {
    await act({ runId });
    refresh();
  };
  return (
    <div className="buttons">
      <button type="button" disabled={isActing} onClick={() => void click()}>
        {isActing ? "Measuring…" : "Measure again"}
      </button>
    </div>
  );
}
