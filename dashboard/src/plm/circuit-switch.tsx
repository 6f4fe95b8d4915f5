import { useState } from "react";
import { useMutation } from "urql";
import { IsolateCircuitDocument, ReleaseCircuitDocument } from "../../../schema/generated/documents.ts";
import { sentenceOf } from "../graphql/problem.ts";
import { useMay } from "../graphql/session.tsx";
import { ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
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
  const [, isolate] = useMutation(IsolateCircuitDocument);
  const send = async (form: FormData) => {
    const { error } = await isolate({ name, reason: textOf(form, "reason") });
    return error && sentenceOf(error);
  };
  return (
    <FormDialog title="Isolate the PLM" action="Isolate" isDanger send={send} onClose={onClose}>
      <p>Nobody asks the PLM until the circuit is released; copies and the MRP answer instead.</p>
      <ReasonField />
    </FormDialog>
  );
}
