import {
  AcknowledgeShadowDiffDocument,
  type DiffClassification,
} from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { Choice, TextField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

/** What people may say that a difference means. */
export const MEANINGS: readonly (readonly [DiffClassification, string])[] = [
  ["EXPECTED", "Expected: known and wanted, it no longer counts"],
  ["PLM_WRONG", "The PLM is wrong"],
  ["MRP_WRONG", "The MRP is wrong"],
  ["MAPPING_WRONG", "The mapping between them is wrong"],
];

interface Classified {
  id: string;
  path: string;
  mrp: string | null;
  plm: string | null;
  classification: DiffClassification | null;
  note: string | null;
}

export function ClassifyDialog({ diff, onClose }: { diff: Classified; onClose: () => void }) {
  const { act } = useAction(AcknowledgeShadowDiffDocument, { done: "The difference is classified." });
  const send = (form: FormData) => {
    const chosen = MEANINGS.find(([each]) => each === form.get("classification"));
    if (!chosen) return "Choose what it means.";
    const [classification] = chosen;
    return act({ id: diff.id, classification, note: textOf(form, "note") || null });
  };
  return (
    <FormDialog title="What does this difference mean?" action="Save" send={send} onClose={onClose}>
      <p>
        <code className="path">{diff.path}</code>: {diff.mrp ?? "missing"} in the MRP, {diff.plm ?? "missing"}{" "}
        in the PLM.
      </p>
      <Choice legend="It means" name="classification" choices={MEANINGS} value={diff.classification} />
      <TextField label="Note" name="note" value={diff.note ?? undefined} />
    </FormDialog>
  );
}
