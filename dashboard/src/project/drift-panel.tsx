import {
  EstimationDriftDocument,
  ProjectLanesDocument,
  type ProjectLanesQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { isWithin, type TimeRange, type TimeView } from "../time/time-range.ts";
import { Badge, type Tone } from "../ui/badge.tsx";
import { count, percent, words } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Sparkline } from "../ui/sparkline.tsx";

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
      {(data) => (
        <ul className="rows compact">
          {learntLanes(data).map((lane) => (
            <LaneDrift key={lane.id} projectId={projectId} lane={lane} range={time.range} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

const learntLanes = ({ project }: ProjectLanesQuery): Lane[] =>
  (project?.riskHeatmap.lanes ?? []).filter(({ observations }) => observations > 0).map(({ lane }) => lane);

const TONES: Readonly<Record<string, Tone>> = { IMPROVING: "good", STABLE: "idle", DEGRADING: "warn" };

interface LaneDriftProps {
  projectId: string;
  lane: Lane;
  range: TimeRange;
}

function LaneDrift({ projectId, lane, range }: LaneDriftProps) {
  const { data } = usePolled(EstimationDriftDocument, { projectId, laneId: lane.id }, { everyMs: EVERY_MS });
  const drift = data?.project?.estimationDrift;
  const points = drift?.points.filter(({ completedAt }) => isWithin(range, completedAt)) ?? [];
  const errors = points.map(({ maePct }) => maePct);
  const last = errors.at(-1);
  return (
    <li>
      <span>{lane.name}</span>
      <span className="drift">
        {last !== undefined && (
          <>
            {errors.length > 1 ? (
              <Sparkline values={errors} label={`Error over ${errors.length} runs, now ${percent(last)}`} />
            ) : (
              <span className="soft">one run</span>
            )}
            <span className="number" title="Mean error of the estimates">
              {percent(last)}
            </span>
          </>
        )}
        {drift && errors.length > 1 && (
          <Badge
            value={drift.isDrifting ? "drifting" : words(drift.trend)}
            tone={drift.isDrifting ? "bad" : (TONES[drift.trend] ?? "idle")}
          />
        )}
        {drift && last === undefined && <span className="soft">{nothingFor(drift.points.length)}</span>}
      </span>
    </li>
  );
}

const nothingFor = (elsewhere: number) =>
  elsewhere === 0 ? "no completed run" : `none in this range, ${count(elsewhere)} outside it`;
