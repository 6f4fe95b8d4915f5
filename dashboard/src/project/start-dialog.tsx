import { useMemo, useState } from "react";
import {
  StartProjectDocument,
  type ProjectQuery,
  type RunKind,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { limitUsd, usd, words } from "../ui/format.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { useStartTerms } from "./start-terms.ts";

type Project = NonNullable<ProjectQuery["project"]>;

/** What can be started; a full run is called baseline where it is compared with others. */
const KINDS: readonly (readonly [RunKind, name: string, meaning: string])[] = [
  ["BASELINE", "Full run", "every task; its results are kept"],
  ["REHEARSAL", "Rehearsal", "a small sample of the tasks, to learn what the others will cost"],
  ["REPLAY", "Replay", "every task once more, to compare with an earlier run; estimates learn nothing of it"],
];

/** Asks what to start, and whether really: a run costs money. Pressing twice, or again after a cut, starts one run. */
export function StartDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const [kind, setKind] = useState<RunKind>("BASELINE");
  const [isSandbox, setSandbox] = useState(false);
  const writeSandbox = isSandbox && kind !== "BASELINE";
  // One key for each intended start: another choice is another intent.
  const idempotencyKey = useMemo(
    () => `${kind} ${writeSandbox} ${crypto.randomUUID()}`,
    [kind, writeSandbox],
  );
  const name = KINDS.find(([each]) => each === kind)?.[1] ?? words(kind);
  const { act } = useAction(StartProjectDocument, {
    success: "StartProjectSuccess",
    done: `The ${name.toLowerCase()} has started${writeSandbox ? " in a sandbox" : ""}.`,
  });
  const { terms, obstacle } = useStartTerms(project.id);
  const send = () => act({ input: { projectId: project.id, runKind: kind, writeSandbox }, idempotencyKey });
  return (
    <FormDialog
      title="Start a run"
      action={`Start ${name.toLowerCase()}`}
      isIncomplete={obstacle !== undefined}
      send={send}
      onClose={onClose}
    >
      <fieldset>
        <legend>What to run</legend>
        {KINDS.map(([each, title, meaning]) => (
          <label key={each} className="choice">
            <input
              type="radio"
              name="kind"
              value={each}
              checked={each === kind}
              onChange={() => setKind(each)}
            />
            <span>
              <strong>{title}</strong>: {meaning}
            </span>
          </label>
        ))}
      </fieldset>
      {kind !== "BASELINE" && (
        <label className="choice">
          <input type="checkbox" checked={isSandbox} onChange={({ target }) => setSandbox(target.checked)} />
          Write to a sandbox only
        </label>
      )}
      {obstacle === undefined ? (
        <Costs project={project} estimatedUsd={terms?.metrics.estimated.costUsd} />
      ) : (
        <p role="alert" className="form-problem">
          {obstacle}
        </p>
      )}
    </FormDialog>
  );
}

const Costs = ({ project, estimatedUsd }: { project: Project; estimatedUsd: number | undefined }) => (
  <p className="hint">
    {project.name}: {estimatedUsd === undefined ? "…" : usd(estimatedUsd)} estimated for all tasks, budget{" "}
    {limitUsd(project.budget.usdMax)}.
  </p>
);
