import { useMutation } from "urql";
import { AcknowledgePlmAlertDocument } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/problem.ts";
import { TextField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

export function AcknowledgeDialog({
  alert,
  onClose,
}: {
  alert: { id: string; message: string };
  onClose: () => void;
}) {
  const [, acknowledge] = useMutation(AcknowledgePlmAlertDocument);
  const send = async (form: FormData) => {
    const { error } = await acknowledge({ id: alert.id, note: textOf(form, "note") || null });
    return error && sentenceOf(error);
  };
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
