import { useState } from "react";
import { IsolateCircuitDocument, ReleaseCircuitDocument } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { useMay } from "../graphql/session.tsx";
import { ReasonField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

/** Lets an administrator hold the circuit open, and let go of it again. */
export function CircuitSwitch({ name, isIsolated }: { name: string; isIsolated: boolean }) {
  const [isOpen, setOpen] = useState(false);
  const { act: release } = useAction(ReleaseCircuitDocument, { done: "The circuit is released." });
  if (!useMay("plm.admin")) return null;
  return (
    <div className="buttons">
      {isIsolated ? (
        <button type="button" onClick={() => void release({ name })}>
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
  const { act } = useAction(IsolateCircuitDocument, { done: "The PLM is isolated." });
  const send = (form: FormData) => act({ name, reason: textOf(form, "reason") });
  return (
    <FormDialog title="Isolate the PLM" action="Isolate" isDanger send={send} onClose={onClose}>
      <p>Nobody asks the PLM until the circuit is released; copies and the MRP answer instead.</p>
      <ReasonField />
    </FormDialog>
  );
}
