import { useState } from "react";
import {
  LaneOverridesDocument,
  ProjectLanesDocument,
  type LaneOverridesQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";
import { OverrideDialog } from "./dialogs.ts";

type Override = NonNullable<LaneOverridesQuery["project"]>["laneOverrides"][number];

/** Tasks that a person has put in another lane. */
export function OverridesPanel({ projectId }: { projectId: string }) {
  const live = usePolled(LaneOverridesDocument, { projectId }, { everyMs: 15_000 });
  return (
    <Panel title="Lane corrections" live={live} lines={3}>
      {({ project }) => (
        <>
          {project?.laneOverrides.length ? (
            <Overrides overrides={project.laneOverrides} />
          ) : (
            <p className="empty">Every task is in the lane it was predicted for.</p>
          )}
          <CorrectButton projectId={projectId} onDone={live.retry} />
        </>
      )}
    </Panel>
  );
}

function Overrides({ overrides }: { overrides: readonly Override[] }) {
  return (
    <ul className="rows">
      {overrides.map((override) => (
        <li key={override.id}>
          <span>
            {override.taskName}
            <br />
            <span className="soft">
              {override.predictedLane.name} → {override.correctedLane.name}
              {override.reason && `: ${override.reason}`}
            </span>
          </span>
          <span className="soft">
            {override.correctedBy}, <Moment at={override.correctedAt} withDate />
          </span>
        </li>
      ))}
    </ul>
  );
}

function CorrectButton({ projectId, onDone }: { projectId: string; onDone: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const mayManage = useMay("projects.manage");
  const { data } = usePolled(ProjectLanesDocument, { projectId }, { everyMs: 30_000, pause: !mayManage });
  const lanes = data?.project?.riskHeatmap.lanes.map(({ lane }) => lane) ?? [];
  if (!mayManage || lanes.length === 0) return null;
  const close = () => {
    setOpen(false);
    onDone();
  };
  return (
    <div className="buttons">
      <button type="button" onClick={() => setOpen(true)}>
        Correct a lane
      </button>
      {isOpen && <OverrideDialog projectId={projectId} lanes={lanes} onClose={close} />}
    </div>
  );
}
