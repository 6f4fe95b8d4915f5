import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { UpdateProjectBudgetDocument } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/live.ts";
import { Dialog } from "../ui/dialog.tsx";
import { useAnnounce } from "../ui/router.tsx";

interface BudgetDialogProps {
  projectId: string;
  usdMax: number | null;
  onClose: () => void;
}

export function BudgetDialog({ projectId, usdMax, onClose }: BudgetDialogProps) {
  const [{ fetching }, update] = useMutation(UpdateProjectBudgetDocument);
  const [problem, setProblem] = useState<string>();
  const announce = useAnnounce();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const amount = Number(new FormData(event.currentTarget).get("usdMax"));
    const { data, error } = await update({ projectId, usdMax: amount });
    const result = data?.updateProjectBudget;
    if (result?.__typename !== "UpdateBudgetSuccess") {
      return setProblem(error ? sentenceOf(error) : (result?.message ?? ""));
    }
    const resumed = result.resumedRuns.length > 0 ? " The paused run goes on." : "";
    announce(`The budget is changed.${resumed}`);
    return onClose();
  };
  return (
    <Dialog title="Change the budget" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <label>
          Budget in USD
          <input name="usdMax" type="number" min="0" step="0.01" required defaultValue={usdMax ?? ""} />
        </label>
        <p className="hint">
          A run that was paused because the budget was used up goes on when the new one allows it.
        </p>
        {problem && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className="primary" disabled={fetching}>
            Change budget
          </button>
        </div>
      </form>
    </Dialog>
  );
}
