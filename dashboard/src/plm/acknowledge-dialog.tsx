import { AcknowledgePlmAlertDocument } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { TextField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

export function AcknowledgeDialog({
  alert,
  onClose,
}: {
  alert: { id: string; message: string };
  onClose: () => void;
}) {
  const { act } = useAction(AcknowledgePlmAlertDocument, { done: "You look after the alert." });
  const send = (form: FormData) => act({ id: alert.id, note: textOf(form, "note") || null });
  return (
    <FormDialog title="Look after this alert" action="Acknowledge" send={send} onClose={onClose}>
      <p>{alert.message}</p>
      <p className="hint">
        Everybody sees that you look after it. It stays here until what it is about is over.
      </p>
      <TextField label="Note for the audit log" name="note" />
    </FormDialog>
  );
}
