import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { CancelRunDocument } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/live.ts";
import { Dialog } from "../ui/dialog.tsx";

export function CancelDialog({ runId, onClose }: { runId: string; onClose: () => void }) {
  const [{ fetching }, cancel] = useMutation(CancelRunDocument);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get("reason");
    const { data, error } = await cancel({ runId, reason: typeof reason === "string" ? reason : "" });
    if (data?.cancelRun.__typename === "RunControlSuccess") return onClose();
    return setProblem(
      error ? sentenceOf(error) : data && "message" in data.cancelRun ? data.cancelRun.message : "",
    );
  };
  return (
    <Dialog title="Cancel this run" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>The run ends for good; what it has spent stays spent.</p>
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
          <button type="button" onClick={onClose}>
            Keep it running
          </button>
          <button type="submit" className="danger" disabled={fetching}>
            Cancel run
          </button>
        </div>
      </form>
    </Dialog>
  );
}
