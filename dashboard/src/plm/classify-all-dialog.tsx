import { useState } from "react";
import {
  AcknowledgeShadowDiffsDocument,
  type ShadowDiffFilter,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { Choice, TextField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { count } from "../ui/format.ts";
import { MEANINGS } from "./classify-dialog.tsx";

interface ClassifyAllProps {
  filter: ShadowDiffFilter;
  /** How many the reader has seen there to be. */
  total: number;
  onClose: () => void;
}

/** Classifies what the reader sees, as many as they see: others that came meanwhile are reported, not classified. */
export function ClassifyAllDialog({ filter, total, onClose }: ClassifyAllProps) {
  const [seen] = useState({ filter, total });
  const { act } = useAction(AcknowledgeShadowDiffsDocument, {
    done: (done) => `${count(done)} differences are classified.`,
  });
  const send = (form: FormData) => {
    const chosen = MEANINGS.find(([each]) => each === form.get("classification"));
    if (!chosen) return "Choose what they mean.";
    const [classification] = chosen;
    return act({
      filter: seen.filter,
      classification,
      note: textOf(form, "note") || null,
      expectedCount: seen.total,
    });
  };
  return (
    <FormDialog
      title={`What do these ${count(seen.total)} differences mean?`}
      action={`Classify ${count(seen.total)}`}
      send={send}
      onClose={onClose}
    >
      <Choice legend="They mean" name="classification" choices={MEANINGS} value={null} />
      <TextField label="Note" name="note" />
    </FormDialog>
  );
}
