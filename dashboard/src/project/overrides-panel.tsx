import { LaneOverridesDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Moment } from "../ui/moment.tsx";
import { Panel } from "../ui/panel.tsx";

/** Tasks that a person has put in another lane. */
export function OverridesPanel({ projectId }: { projectId: string }) {
  const live = usePolled(LaneOverridesDocument, { projectId }, { everyMs: 15_000 });
  return (
    <Panel
      title="Lane corrections"
      live={live}
      lines={3}
      empty={({ project }) =>
        project?.laneOverrides.length ? undefined : "Every task is in the lane it was predicted for."
      }
    >
      {({ project }) => (
        <ul className="rows">
          {project?.laneOverrides.map((override) => (
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
      )}
    </Panel>
  );
}
