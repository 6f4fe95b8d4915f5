import { useMemo, useState } from "react";
import {
  StartProjectDocument,
  StartTermsDocument,
  type ProjectQuery,
  type RunKind,
  type StartTermsQuery,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { usePolled } from "../graphql/live.ts";
import { count, limitUsd, usd, words } from "../ui/format.ts";
import { FormDialog } from "../ui/form-dialog.tsx";

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
  const { data: terms } = usePolled(StartTermsDocument, { projectId: project.id });
  const obstacle = usedUp(terms);
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
        <Costs project={project} estimatedUsd={terms?.project?.metrics.estimated.costUsd} />
      ) : (
        <p role="alert" className="form-problem">
          {obstacle}
        </p>
      )}
    </FormDialog>
  );
}

/** Why nothing can be started now and what to do first, for people; undefined when something can. */
function usedUp(terms: StartTermsQuery | undefined): string | undefined {
  if (!terms?.project) return undefined;
  const { budget, spent } = terms.project;
  const say = (used: string) => `The budget is used up: ${used}. Change the budget first.`;
  if (budget.usdMax !== null && spent.usd >= budget.usdMax)
    return say(`${usd(spent.usd)} of ${usd(budget.usdMax)}`);
  if (budget.tokensMax !== null && spent.tokens >= budget.tokensMax)
    return say(`${count(spent.tokens)} of ${count(budget.tokensMax)} tokens`);
  return undefined;
}

const Costs = ({ project, estimatedUsd }: { project: Project; estimatedUsd: number | undefined }) => (
  <p className="hint">
    {project.name}: {estimatedUsd === undefined ? "…" : usd(estimatedUsd)} estimated for all tasks, budget{" "}
    {limitUsd(project.budget.usdMax)}.
  </p>
);
