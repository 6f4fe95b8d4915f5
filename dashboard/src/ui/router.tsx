import { useSyncExternalStore, type MouseEvent, type ReactNode } from "react";

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
addEventListener("popstate", tell);

const listen = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The path of the page as links have it: without slashes at its end, and `/` for the list of projects. */
const pathHere = (): string => {
  const path = location.pathname.replace(/\/+$/, "");
  return path === "" || path === "/projects" ? "/" : path;
};

export const usePath = (): string => useSyncExternalStore(listen, pathHere);

/** What stands behind the path, like `?status=EXECUTING`. */
export const useQueryText = (): string => useSyncExternalStore(listen, () => location.search);

/** Goes to another page of ours, or to another view of this one, which keeps its place. */
export function go(to: string, { isReplacing = false }: { isReplacing?: boolean } = {}): void {
  const before = pathHere();
  if (isReplacing) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  tell();
  if (pathHere() === before) return;
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}

interface AnchorProps {
  to: string;
  children: ReactNode;
  className?: string;
  /** Beginnings of other addresses that belong to the same part of the page. */
  also?: readonly string[];
  /** Whether it leads nowhere for the moment; it keeps the focus. */
  isDisabled?: boolean;
}

/** A link within the page; new tabs and downloads stay the browser's business. */
export function Anchor({ to, children, className, also = [], isDisabled = false }: AnchorProps) {
  const path = usePath();
  const follow = (event: MouseEvent) => {
    if (isDisabled) event.preventDefault();
    if (isDisabled || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  const isCurrent = path === to || also.some((beginning) => path.startsWith(beginning));
  return (
    <a
      href={to}
      className={className}
      onClick={follow}
      aria-current={isCurrent ? "page" : undefined}
      aria-disabled={isDisabled || undefined}
    >
      {children}
    </a>
  );
}

/** Where a project is. */
export const projectPath = (id: string): string => `/projects/${encodeURIComponent(id)}`;
