import { useMutation } from "urql";
import { RollbackPlmDocument, type PlmMode } from "../../../schema/generated/documents.ts";
import { problemOf } from "../graphql/problem.ts";
import { ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

export function RollbackDialog({ mode, onClose }: { mode: PlmMode; onClose: () => void }) {
  const [, rollBack] = useMutation(RollbackPlmDocument);
  const send = async (form: FormData) => {
    const { data, error } = await rollBack({ reason: textOf(form, "reason") });
    return problemOf(error, data?.rollbackPlm, "SetPlmModeSuccess");
  };
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
