import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import {
  AcknowledgeShadowDiffDocument,
  type DiffClassification,
} from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/live.ts";
import { Dialog } from "../ui/dialog.tsx";

const MEANINGS: readonly (readonly [DiffClassification, string])[] = [
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
  const [{ fetching }, acknowledge] = useMutation(AcknowledgeShadowDiffDocument);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const chosen = MEANINGS.find(([each]) => each === form.get("classification"));
    if (!chosen) return setProblem("Choose what it means.");
    const note = form.get("note");
    const { error } = await acknowledge({
      id: diff.id,
      classification: chosen[0],
      note: typeof note === "string" && note !== "" ? note : null,
    });
    if (error) return setProblem(sentenceOf(error));
    return onClose();
  };
  return (
    <Dialog title="What does this difference mean?" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>
          <code className="path">{diff.path}</code>: {diff.mrp ?? "missing"} in the MRP,{" "}
          {diff.plm ?? "missing"} in the PLM.
        </p>
        <fieldset>
          <legend>It means</legend>
          {MEANINGS.map(([value, label]) => (
            <label key={value} className="choice">
              <input
                type="radio"
                name="classification"
                value={value}
                defaultChecked={value === diff.classification}
              />{" "}
              {label}
            </label>
          ))}
        </fieldset>
        <label>
          Note
          <input name="note" maxLength={500} defaultValue={diff.note ?? ""} />
        </label>
        {problem && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className="primary" disabled={fetching}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
