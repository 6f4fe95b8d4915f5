import { useState, type ReactNode } from "react";
import { AcknowledgePlmAlertDocument, type AlertState } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { useMay } from "../graphql/session.tsx";
import { TextField, textOf } from "../ui/field.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";

interface Alert {
  id: string;
  state: AlertState;
  message: string;
}

interface Acknowledging {
  /** What opens the question about an alert; nothing where it cannot be answered. */
  button: (alert: Alert) => ReactNode;
  /** The question that is open; it belongs beside the alerts, which may go while it is answered. */
  dialog: ReactNode;
}

/** Lets somebody say that they look after an alert; `refresh` is called when the question is closed. */
export function useAcknowledge(refresh: () => void): Acknowledging {
  const [chosen, setChosen] = useState<Alert>();
  const mayAcknowledge = useMay("plm.admin");
  const close = () => {
    setChosen(undefined);
    refresh();
  };
  return {
    button: (alert) =>
      mayAcknowledge &&
      alert.state === "FIRING" && (
        <button type="button" onClick={() => setChosen(alert)}>
          Acknowledge
        </button>
      ),
    dialog: chosen && <AcknowledgeDialog alert={chosen} onClose={close} />,
  };
}

function AcknowledgeDialog({ alert, onClose }: { alert: Alert; onClose: () => void }) {
  const { act } = useAction(AcknowledgePlmAlertDocument, { done: "You look after the alert." });
  const send = (form: FormData) => act({ id: alert.id, note: textOf(form, "note") || null });
  return (
    <FormDialog title="Look after this alert" action="Acknowledge" send={send} onClose={onClose}>
      <p>{alert.message}</p>
      <p className="hint">
        Everybody sees that you look after it. It stays here until what it is about is over.
      </p>
      <TextField label="Note for the audit log" name="note" />
    </FormDialog>
  );
}
