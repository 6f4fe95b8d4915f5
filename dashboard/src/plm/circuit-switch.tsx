import { useState, type FormEvent } from "react";
import { useMutation } from "urql";
import { IsolateCircuitDocument, ReleaseCircuitDocument } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/live.ts";
import { useMay } from "../graphql/session.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { useAnnounce } from "../ui/router.tsx";

/** Lets an administrator hold the circuit open, and let go of it again. */
export function CircuitSwitch({ name, isIsolated }: { name: string; isIsolated: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const [, release] = useMutation(ReleaseCircuitDocument);
  const announce = useAnnounce();
  if (!useMay("plm.admin")) return null;
  const letGo = async () => {
    const { error } = await release({ name });
    if (error) announce(sentenceOf(error));
  };
  return (
    <div className="buttons">
      {isIsolated ? (
        <button type="button" onClick={() => void letGo()}>
          Release
        </button>
      ) : (
        <button type="button" className="danger" onClick={() => setOpen(true)}>
          Isolate
        </button>
      )}
      {isOpen && <IsolateDialog name={name} onClose={() => setOpen(false)} />}
    </div>
  );
}

function IsolateDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const [{ fetching }, isolate] = useMutation(IsolateCircuitDocument);
  const [problem, setProblem] = useState<string>();
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = new FormData(event.currentTarget).get("reason");
    const { error } = await isolate({ name, reason: typeof reason === "string" ? reason : "" });
    if (error) return setProblem(sentenceOf(error));
    return onClose();
  };
  return (
    <Dialog title="Isolate the PLM" onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>Nobody asks the PLM until the circuit is released; copies and the MRP answer instead.</p>
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
            Isolate
          </button>
        </div>
      </form>
    </Dialog>
  );
}
