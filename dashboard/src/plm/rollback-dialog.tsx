import { RollbackPlmDocument, type PlmMode } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

export function RollbackDialog({ mode, onClose }: { mode: PlmMode; onClose: () => void }) {
  const { act } = useAction(RollbackPlmDocument, {
    success: "SetPlmModeSuccess",
    done: "The PLM is rolled back one step.",
  });
  const send = (form: FormData) => act({ reason: textOf(form, "reason") });
  return (
    <FormDialog title="Roll back" action="Roll back" isDanger send={send} onClose={onClose}>
      <p>
        One step away from the PLM, for all models:{" "}
        <strong>{mode === "ENABLED" ? "enabled → shadow" : "shadow → disabled"}</strong>. It holds at once, on
        every replica.
      </p>
      <ReasonField />
    </FormDialog>
  );
}
