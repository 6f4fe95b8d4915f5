import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import {
  LaneTasksDocument,
  OverrideLaneDocument,
  type LaneTasksQuery,
  type ProjectLanesQuery,
} from "../../../schema/generated/documents.ts";
import { sentenceOf, usePolled } from "../graphql/live.ts";
import { words } from "../ui/format.ts";
import { Dialog } from "../ui/dialog.tsx";
import { Field, textOf } from "../ui/field.tsx";

type Lane = NonNullable<ProjectLanesQuery["project"]>["riskHeatmap"]["lanes"][number]["lane"];

interface OverrideDialogProps {
  projectId: string;
  /** The lanes in which the project has tasks; at least one. */
  lanes: readonly Lane[];
  onClose: () => void;
}

/** Puts a task into another lane; the estimates of both lanes follow. */
export function OverrideDialog({ projectId, lanes, onClose }: OverrideDialogProps) {
  const [{ fetching }, override] = useMutation(OverrideLaneDocument);
  const [problem, setProblem] = useState<string>();
  const [from, setFrom] = useState(lanes[0]?.id ?? 0);
  const { data } = usePolled(LaneTasksDocument, { projectId, laneId: from });
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const answer = await override({
      taskId: textOf(form, "taskId"),
      laneId: Number(textOf(form, "laneId")),
      reason: textOf(form, "reason") || null,
    });
    const result = answer.data?.overrideLane;
    if (result?.__typename === "OverrideLaneSuccess") return onClose();
    return setProblem(answer.error ? sentenceOf(answer.error) : result?.message);
  };
  return (
    <Dialog title="Correct a lane" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <Field label="Now in">
          <select value={from} onChange={({ target }) => setFrom(Number(target.value))}>
            {lanes.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        <TaskAndLane from={from} choices={data} />
        <Field label="Reason">
          <input name="reason" maxLength={500} />
        </Field>
        {problem && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className="primary" disabled={fetching || !data?.project?.tasks.totalCount}>
            Correct lane
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function TaskAndLane({ from, choices }: { from: number; choices: LaneTasksQuery | undefined }) {
  return (
    <>
      <Field label="Task">
        <select name="taskId" required>
          {choices?.project?.tasks.edges.map(({ node }) => (
            <option key={node.id} value={node.id}>
              {node.name} ({words(node.status)})
            </option>
          ))}
        </select>
      </Field>
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
