import { useState } from "react";
import { CreateWorkOrderDocument, ModelsDocument } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { usePolled } from "../graphql/live.ts";
import { Field, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

interface CreateWorkOrderDialogProps {
  projectId: string;
  /** The model that the project works on, if it names one. */
  modelId: string | undefined;
  onClose: () => void;
}

const KEPT_MS = 60_000;

/** Orders boats of a model for a project, as the catalogue describes them now. */
export function CreateWorkOrderDialog({ projectId, modelId, onClose }: CreateWorkOrderDialogProps) {
  const { data } = usePolled(ModelsDocument, { first: 100 }, { everyMs: KEPT_MS });
  const models = data?.models.edges.map(({ node }) => node) ?? [];
  const [chosen, setChosen] = useState(modelId);
  const model = models.find(({ id }) => id === chosen) ?? models[0];
  // Pressing again after a cut orders once: a dialog is one intent.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const { act } = useAction(CreateWorkOrderDocument, {
    success: "WorkOrderSuccess",
    done: (answer) =>
      answer.__typename === "WorkOrderSuccess" ? `${answer.workOrder.number} is created.` : "",
  });
  const send = (form: FormData) =>
    act({
      input: {
        projectId,
        modelId: model?.id ?? "",
        trimId: textOf(form, "trimId") || null,
        qty: Number(textOf(form, "qty")),
      },
      idempotencyKey,
    });
  return (
    <FormDialog
      title="Create a work order"
      action="Create work order"
      isIncomplete={model === undefined}
      send={send}
      onClose={onClose}
    >
      <Field label="Model">
        <select value={model?.id} onChange={({ target }) => setChosen(target.value)}>
          {models.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Trim">
        <select name="trimId" key={model?.id}>
          <option value="">none in particular</option>
          {model?.trims.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </Field>
      <Field label="Number of boats">
        <input name="qty" type="number" min="1" max="10000" step="1" required defaultValue="1" />
      </Field>
    </FormDialog>
  );
}
