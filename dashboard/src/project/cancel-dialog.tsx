import { CancelRunDocument } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

export function CancelDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const { act } = useAction(CancelRunDocument, {
    success: "RunControlSuccess",
    done: "The run is cancelled.",
  });
  const send = (form: FormData) => act({ runId, reason: textOf(form, "reason") });
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
