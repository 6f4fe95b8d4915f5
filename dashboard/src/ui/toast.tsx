import { createContext, use, useCallback, useEffect, useRef, useState, type ReactNode } from "react";

/** What came of something that somebody did. */
interface Toast {
  id: number;
  text: string;
  hasFailed: boolean;
}

export type Tell = (text: string, options?: { hasFailed?: boolean }) => void;

const MOST_SHOWN = 3;
const SHOWN_MS = 6_000;
/** What failed is read more slowly. */
const FAILED_SHOWN_MS = 15_000;

const ToastContext = createContext<Tell>(() => undefined);

/** Says something short to everyone, screen readers included. */
export const useToast = (): Tell => use(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const nextId = useRef(0);
  const forget = useCallback((id: number) => setToasts((all) => all.filter((each) => each.id !== id)), []);
  const tell = useCallback<Tell>((text, { hasFailed = false } = {}) => {
    nextId.current += 1;
    const toast = { id: nextId.current, text, hasFailed };
    setToasts((all) => [...all.filter((each) => each.text !== text), toast].slice(-MOST_SHOWN));
  }, []);
  return (
    <ToastContext value={tell}>
      {children}
      <Toasts toasts={toasts} forget={forget} />
    </ToastContext>
  );
}

/** Lies over everything, dialogs too. */
function Toasts({ toasts, forget }: { toasts: readonly Toast[]; forget: (id: number) => void }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // What is shown last lies on top, so that each news has to come in front anew.
    element.current?.hidePopover();
    if (toasts.length > 0) element.current?.showPopover();
  }, [toasts]);
  return (
    <div ref={element} popover="manual" className="toasts" role="status">
      {toasts.map((toast) => (
        <ToastLine key={toast.id} toast={toast} forget={forget} />
      ))}
    </div>
  );
}

function ToastLine({ toast, forget }: { toast: Toast; forget: (id: number) => void }) {
  const { id, text, hasFailed } = toast;
  useEffect(() => {
    const timer = setTimeout(() => forget(id), hasFailed ? FAILED_SHOWN_MS : SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, hasFailed, forget]);
  return (
    <p className="toast" data-failed={hasFailed}>
      <span aria-hidden="true">{hasFailed ? "✕" : "✓"}</span>
      <span>{text}</span>
      <button type="button" className="quiet" aria-label="Dismiss" onClick={() => forget(id)}>
        ✕
      </button>
    </p>
  );
}
