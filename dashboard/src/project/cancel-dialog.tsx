import { useMutation } from "urql";
import { CancelRunDocument } from "../../../schema/generated/documents.ts";
import { problemOf } from "../graphql/problem.ts";
import { ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

export function CancelDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const [, cancel] = useMutation(CancelRunDocument);
  const send = async (form: FormData) => {
    const { data, error } = await cancel({ runId, reason: textOf(form, "reason") });
    return problemOf(error, data?.cancelRun, "RunControlSuccess");
  };
  const keep = (
    <button type="button" onClick={onClose}>
      Keep it running
    </button>
  );
  return (
    <FormDialog
      title="Cancel this run"
      action="Cancel run"
      isDanger
      send={send}
      onClose={onClose}
      beside={keep}
    >
      <p>The run ends for good; what it has spent stays spent.</p>
      <ReasonField />
    </FormDialog>
  );
}
