import { useState } from "react";
import {
  CreateProjectDocument,
  LanesDocument,
  ModelsDocument,
  type BreachPolicy,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { usePolled } from "../graphql/live.ts";
import { Choice, Field, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { count } from "../ui/format.ts";
import { go, projectPath } from "../ui/router.tsx";

const MOST_TASKS = 1_000;
const KEPT_MS = 60_000;

const POLICIES: readonly (readonly [BreachPolicy, string])[] = [
  ["PAUSE", "Pause the run"],
  ["ASK", "Only say so"],
  ["KILL", "Cancel the run"],
];

/** Makes a project, and goes to its page. */
function useCreate() {
  const { act } = useAction(CreateProjectDocument, {
    success: "CreateProjectSuccess",
    done: (answer) =>
      answer.__typename === "CreateProjectSuccess" ? `${answer.project.name} is created.` : "",
    follow: (answer) => {
      if (answer.__typename === "CreateProjectSuccess") go(projectPath(answer.project.id));
    },
  });
  return act;
}

/** A new project with its tasks; what they cost is estimated by what earlier runs have taught about their lane. */
export function CreateProjectDialog({ onClose }: { onClose: () => void }) {
  const [tasks, setTasks] = useState("");
  const act = useCreate();
  const { data: known } = usePolled(LanesDocument, {}, { everyMs: KEPT_MS });
  const names = linesOf(tasks);
  const send = (form: FormData) => {
    const budget = textOf(form, "usdMax");
    const modelId = textOf(form, "modelId");
    const laneId = Number(textOf(form, "laneId"));
    return act({
      input: {
        name: textOf(form, "name"),
        budget: {
          ...(budget !== "" && { usdMax: Number(budget) }),
          onExhausted: textOf(form, "onExhausted") as BreachPolicy,
        },
        products: modelId === "" ? [] : [{ modelId }],
        tasks: names.map((name) => ({ name, laneId })),
      },
    });
  };
  return (
    <FormDialog
      title="Create a project"
      action="Create project"
      isIncomplete={names.length === 0 || names.length > MOST_TASKS || !known}
      send={send}
      onClose={onClose}
    >
      <NameAndProduct />
      <Choice legend="When it is used up" name="onExhausted" choices={POLICIES} value="PAUSE" />
      <Field
        label={`Tasks, one a line${names.length > 0 ? `: ${count(names.length)} of ${count(MOST_TASKS)}` : ""}`}
      >
        <textarea rows={5} required value={tasks} onChange={({ target }) => setTasks(target.value)} />
      </Field>
      <Field label="Lane of the tasks">
        <select name="laneId" required>
          {known?.lanes.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
    </FormDialog>
  );
}

function NameAndProduct() {
  const { data: catalogue } = usePolled(ModelsDocument, { first: 100 }, { everyMs: KEPT_MS });
  return (
    <>
      <Field label="Name">
        <input name="name" required maxLength={200} autoComplete="off" />
      </Field>
      <Field label="Works on">
        <select name="modelId">
          <option value="">no product</option>
          {catalogue?.models.edges.map(({ node }) => (
            <option key={node.id} value={node.id}>
              {node.name}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Budget in USD (empty for no limit)">
        <input name="usdMax" type="number" min="0" step="0.01" />
      </Field>
    </>
  );
}

const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
