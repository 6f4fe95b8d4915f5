import { useMutation } from "urql";
import { UpdateProjectBudgetDocument } from "../../../schema/generated/documents.ts";
import { problemOf } from "../graphql/problem.ts";
import { Field, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { useAnnounce } from "../ui/router.tsx";

interface BudgetDialogProps {
  projectId: string;
  usdMax: number | null;
  onClose: () => void;
}

export function BudgetDialog({ projectId, usdMax, onClose }: BudgetDialogProps) {
  const [, update] = useMutation(UpdateProjectBudgetDocument);
  const announce = useAnnounce();
  const send = async (form: FormData) => {
    const { data, error } = await update({ projectId, usdMax: Number(textOf(form, "usdMax")) });
    const result = data?.updateProjectBudget;
    const goesOn = result?.__typename === "UpdateBudgetSuccess" && result.resumedRuns.length > 0;
    const problem = problemOf(error, result, "UpdateBudgetSuccess");
    if (problem === undefined) announce(`The budget is changed.${goesOn ? " The paused run goes on." : ""}`);
    return problem;
  };
  return (
    <FormDialog title="Change the budget" action="Change budget" send={send} onClose={onClose}>
      <Field label="Budget in USD">
        <input name="usdMax" type="number" min="0" step="0.01" required defaultValue={usdMax ?? ""} />
      </Field>
      <p className="hint">
        A run that was paused because the budget was used up goes on when the new one allows it.
      </p>
    </FormDialog>
  );
}
