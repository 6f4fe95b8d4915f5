import { useState, type FormEvent, type ReactNode } from "react";
import { Dialog } from "./dialog.tsx";

interface FormDialogProps {
  title: string;
  /** What the button that sends the form says. */
  action: string;
  /** True for what cannot be taken back. */
  isDanger?: boolean;
  /** True while the form cannot be sent. */
  isIncomplete?: boolean;
  /** @returns what is wrong, for people; undefined when all is well, which closes the dialog */
  send: (form: FormData) => Promise<string | undefined> | string | undefined;
  onClose: () => void;
  /** Stays open after it was sent, to show what came of it. */
  staysOpen?: boolean;
  /** Another button, before the one that sends. */
  beside?: ReactNode;
  children: ReactNode;
}

/** A question that is answered with a form. What is wrong with the answer is said in the dialog, which stays open. */
export function FormDialog(props: FormDialogProps) {
  const { title, action, isDanger = false, isIncomplete = false, staysOpen = false, onClose } = props;
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setSending(true);
    const wrong = await props.send(new FormData(event.currentTarget));
    setSending(false);
    setProblem(wrong);
    if (wrong === undefined && !staysOpen) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {props.children}
        {problem !== undefined && (
          <p role="alert" className="form-problem">
            {problem}
          </p>
        )}
        <div className="buttons">
          {props.beside}
          <button
            type="submit"
            className={isDanger ? "danger" : "primary"}
            disabled={isSending || isIncomplete}
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
