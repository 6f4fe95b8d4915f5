import { useState } from "react";
import {
  LaneTasksDocument,
  OverrideLaneDocument,
  type LaneTasksQuery,
  type ProjectLanesQuery,
} from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { useAction } from "../graphql/action.ts";
import { count, words } from "../ui/format.ts";
import { Field, ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

type Lane = NonNullable<ProjectLanesQuery["project"]>["riskHeatmap"]["lanes"][number]["lane"];

interface OverrideDialogProps {
  projectId: string;
  /** The lanes in which the project has tasks; at least one. */
  lanes: readonly Lane[];
  onClose: () => void;
}

/** Puts a task into another lane; the estimates of both lanes follow. */
export function OverrideDialog({ projectId, lanes, onClose }: OverrideDialogProps) {
  const { act } = useAction(OverrideLaneDocument, {
    success: "OverrideLaneSuccess",
    done: "The lane is corrected.",
  });
  const [from, setFrom] = useState(lanes[0]?.id ?? 0);
  const { data: choices } = usePolled(LaneTasksDocument, { projectId, laneId: from });
  const send = (form: FormData) =>
    act({
      taskId: textOf(form, "taskId"),
      laneId: Number(textOf(form, "laneId")),
      reason: textOf(form, "reason") || null,
    });
  return (
    <FormDialog
      title="Correct a lane"
      action="Correct lane"
      isIncomplete={!choices?.project?.open.totalCount}
      send={send}
      onClose={onClose}
    >
      <Field label="Now in">
        <select value={from} onChange={({ target }) => setFrom(Number(target.value))}>
          {lanes.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <TaskAndLane from={from} choices={choices} />
      <ReasonField required={false} />
    </FormDialog>
  );
}

function TaskAndLane({ from, choices }: { from: number; choices: LaneTasksQuery | undefined }) {
  const { open, charged } = choices?.project ?? {};
  return (
    <>
      <Field label="Task">
        <select name="taskId" required>
          {open && <Tasks label="Still to be done" tasks={open} />}
          {charged && <Tasks label="Charged for already, so they stay" tasks={charged} isDisabled />}
        </select>
      </Field>
      {open?.totalCount === 0 && (
        <p className="hint">Every task of this lane was charged for already; none can be moved.</p>
      )}
      <Field label="Belongs in">
        <select name="laneId" required>
          {choices?.lanes
            .filter(({ id }) => id !== from)
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </select>
      </Field>
    </>
  );
}

type TaskPage = NonNullable<LaneTasksQuery["project"]>["open"];

/** Tasks to choose from, and how many of them are shown where that is not all. */
function Tasks({ label, tasks, isDisabled }: { label: string; tasks: TaskPage; isDisabled?: boolean }) {
  const { edges, totalCount } = tasks;
  if (totalCount === 0) return null;
  const shown = edges.length < totalCount ? ` (the first ${edges.length} of ${count(totalCount)})` : "";
  return (
    <optgroup label={`${label}${shown}`} disabled={isDisabled}>
      {edges.map(({ node }) => (
        <option key={node.id} value={node.id}>
          {node.name} ({words(node.status)})
        </option>
      ))}
    </optgroup>
  );
}
