import { UpdateProjectBudgetDocument } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { Field, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

interface BudgetDialogProps {
  projectId: string;
  /** What is proposed: the present budget, or a better one. */
  usdMax: number | null;
  onClose: () => void;
}

export function BudgetDialog({ projectId, usdMax, onClose }: BudgetDialogProps) {
  const { act } = useAction(UpdateProjectBudgetDocument, {
    success: "UpdateBudgetSuccess",
    done: (answer) => {
      const goesOn = answer.__typename === "UpdateBudgetSuccess" && answer.resumedRuns.length > 0;
      return `The budget is changed.${goesOn ? " The paused run goes on." : ""}`;
    },
  });
  const send = (form: FormData) => act({ projectId, usdMax: Number(textOf(form, "usdMax")) });
  return (
    <FormDialog title="Change the budget" action="Change budget" send={send} onClose={onClose}>
      <Field label="Budget in USD">
        <input
          name="usdMax"
          type="number"
          min="0"
          step="0.01"
          required
          defaultValue={usdMax === null ? "" : Number(usdMax.toFixed(2))}
        />
      </Field>
      <p className="hint">
        A run that was paused because the budget was used up goes on when the new one allows it.
      </p>
    </FormDialog>
  );
}
