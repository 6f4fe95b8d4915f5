import { useId, useLayoutEffect, useRef, type ReactNode, type SyntheticEvent } from "react";

/** Where an answer begins: the first field, or what is chosen of the first choice. */
const FIRST_FIELD = ".form :is(input:not([type=radio]), input:checked, select, textarea)";

/** A question in front of the page; Escape and the cross answer with no. The focus returns to where it was. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>(FIRST_FIELD)?.focus();
    // Only a dialog that is closed while it is still on the page gives the focus back.
    return () => dialog?.close();
  }, []);
  // The page closes it, not the browser, which would tell the page only afterwards: who opened it again before that did so in vain.
  const close = (event: SyntheticEvent) => {
    if (event.target !== element.current) return;
    event.preventDefault();
    onClose();
  };
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={close} onClose={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <button type="button" className="quiet" aria-label="Close" onClick={onClose}>
          ✕
        </button>
      </header>
      {children}
    </dialog>
  );
}
