import { useEffect, useEffectEvent, useRef, useState } from "react";
import {
  EstimationDriftDocument,
  ProjectLanesDocument,
  type EstimationDriftQuery,
  type ProjectLanesQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { isWithin, type TimeRange, type TimeView } from "../time/time-range.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { count, dayAndTime, percent, words } from "../ui/format.ts";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { Sparkline } from "../ui/sparkline.tsx";

type Drift = NonNullable<EstimationDriftQuery["project"]>["estimationDrift"];
type Point = Drift["points"][number];
type Lane = NonNullable<ProjectLanesQuery["project"]>["riskHeatmap"]["lanes"][number]["lane"];

const EVERY_MS = 30_000;

/** Whether the estimates of each lane get better from run to run. */
export function DriftPanel({ projectId, time }: { projectId: string; time: TimeView }) {
  const live = usePolled(ProjectLanesDocument, { projectId }, { everyMs: EVERY_MS });
  return (
    <Panel
      title="Drift of the estimates"
      live={live}
      lines={5}
      empty={(data) => (learntLanes(data).length === 0 ? "Known after the first completed run." : undefined)}
    >
      {(data) => <Lanes projectId={projectId} lanes={learntLanes(data)} range={time.range} />}
    </Panel>
  );
}

const learntLanes = ({ project }: ProjectLanesQuery): Lane[] =>
  (project?.riskHeatmap.lanes ?? []).filter(({ observations }) => observations > 0).map(({ lane }) => lane);

const TONES: Readonly<Record<string, Tone>> = { IMPROVING: "good", STABLE: "idle", DEGRADING: "warn" };

interface LanesProps {
  projectId: string;
  lanes: readonly Lane[];
  range: TimeRange;
}

function Lanes({ projectId, lanes, range }: LanesProps) {
  const shown = useRef(new Map<number, readonly Point[]>());
  const save = async () => {
    const rows = [CSV_COLUMNS, ...rowsOf(lanes, shown.current)];
    const [{ tableOf }, { download }] = await Promise.all([
      import("../time/csv.ts"),
      import("../time/download.ts"),
    ]);
    download(`drift-of-project-${projectId}.csv`, tableOf(rows));
  };
  return (
    <>
      <ul className="rows compact">
        {lanes.map((lane) => (
          <LaneDrift
            key={lane.id}
            projectId={projectId}
            lane={lane}
            range={range}
            onShown={(points) => void shown.current.set(lane.id, points)}
          />
        ))}
      </ul>
      <p className="drift-end">
        <button type="button" className="quiet" onClick={() => void save()}>
          CSV
          <span className="visually-hidden"> of the drift of the estimates</span>
        </button>
      </p>
    </>
  );
}

const CSV_COLUMNS = [
  "Lane",
  "Run",
  "Completed (UTC)",
  "Error of the estimates, 0-1",
  "Actual / estimated tokens",
];

const rowsOf = (lanes: readonly Lane[], points: ReadonlyMap<number, readonly Point[]>) =>
  lanes.flatMap(({ id, name }) =>
    (points.get(id) ?? []).map(({ runId, completedAt, maePct, ratio }) => [
      name,
      runId,
      completedAt,
      maePct,
      ratio,
    ]),
  );

interface LaneDriftProps {
  projectId: string;
  lane: Lane;
  range: TimeRange;
  /** Told of the points that are drawn. */
  onShown: (points: readonly Point[]) => void;
}

function LaneDrift({ projectId, lane, range, onShown }: LaneDriftProps) {
  const { data } = usePolled(EstimationDriftDocument, { projectId, laneId: lane.id }, { everyMs: EVERY_MS });
  const drift = data?.project?.estimationDrift;
  const points = drift?.points.filter(({ completedAt }) => isWithin(range, completedAt)) ?? [];
  const tell = useEffectEvent(() => onShown(points));
  useEffect(() => {
    tell();
  });
  return (
    <li>
      <span>{lane.name}</span>
      <span className="drift">{drift && <Errors name={lane.name} drift={drift} points={points} />}</span>
    </li>
  );
}

/** The errors run by run; while one of them is read, when its run was completed stands in the place of the trend. */
function Errors({ name, drift, points }: { name: string; drift: Drift; points: readonly Point[] }) {
  const [index, setIndex] = useState<number>();
  const read = index === undefined ? undefined : points[index];
  const shown = read ?? points.at(-1);
  if (!shown) return <span className="soft">{nothingFor(drift.points.length)}</span>;
  const error = (
    <span className="number" title="Mean error of the estimates">
      {percent(shown.maePct)}
    </span>
  );
  if (points.length === 1)
    return (
      <>
        <span className="soft">one run</span>
        {error}
      </>
    );
  return (
    <>
      <Sparkline
        values={points.map(({ maePct }) => maePct)}
        label={`Error of ${name} over ${points.length} runs`}
        reading={read && index}
        text={`${percent(shown.maePct)}, ${dayAndTime(new Date(shown.completedAt))}`}
        onRead={setIndex}
      />
      {error}
      {read ? (
        <span className="soft read">
          <Moment at={read.completedAt} withDate />
        </span>
      ) : (
        <Trend drift={drift} />
      )}
    </>
  );
}

const Trend = ({ drift: { isDrifting, trend } }: { drift: Drift }) => (
  <Badge
    value={isDrifting ? "drifting" : words(trend)}
    tone={isDrifting ? "bad" : (TONES[trend] ?? "idle")}
  />
);

const nothingFor = (elsewhere: number) =>
  elsewhere === 0 ? "no completed run" : `none in this range, ${count(elsewhere)} outside it`;
