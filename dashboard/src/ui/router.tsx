import { createContext, use, useSyncExternalStore, type MouseEvent, type ReactNode } from "react";

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
addEventListener("popstate", tell);

export function usePath(): string {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => location.pathname,
  );
}

function go(to: string): void {
  history.pushState(null, "", to);
  tell();
  scrollTo(0, 0);
  document.querySelector<HTMLElement>("main")?.focus({ preventScroll: true });
}

/** A link within the page; new tabs and downloads stay the browser's business. */
export function Anchor({ to, children, className }: { to: string; children: ReactNode; className?: string }) {
  const path = usePath();
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  };
  const isCurrent = path === to || (to === "/" && path.startsWith("/projects"));
  return (
    <a href={to} className={className} onClick={follow} aria-current={isCurrent ? "page" : undefined}>
      {children}
    </a>
  );
}

const Announce = createContext<(text: string) => void>(() => undefined);
export const AnnounceProvider = Announce.Provider;

/** Says something short to everyone, screen readers included. */
export const useAnnounce = () => use(Announce);
