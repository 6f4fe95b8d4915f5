import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { RollbackPlmDocument, type PlmMode } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/live.ts";
import { Dialog } from "../ui/dialog.tsx";

export function RollbackDialog({ mode, onClose }: { mode: PlmMode; onClose: () => void }) {
  const [{ fetching }, rollBack] = useMutation(RollbackPlmDocument);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get("reason");
    const { data, error } = await rollBack({ reason: typeof reason === "string" ? reason : "" });
    if (data?.rollbackPlm.__typename === "SetPlmModeSuccess") return onClose();
    return setProblem(
      error ? sentenceOf(error) : data && "message" in data.rollbackPlm ? data.rollbackPlm.message : "",
    );
  };
  return (
    <Dialog title="Roll back" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>
          One step away from the PLM, for all models:{" "}
          <strong>{mode === "ENABLED" ? "enabled → shadow" : "shadow → disabled"}</strong>. It holds at once,
          on every replica.
        </p>
        <label>
          Reason
          <input name="reason" required maxLength={500} />
        </label>
        {problem && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="buttons">
          <button type="submit" className="danger" disabled={fetching}>
            Roll back
          </button>
        </div>
      </form>
    </Dialog>
  );
}
