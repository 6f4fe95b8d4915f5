import { useEffect } from "react";

/** The heading of a page, which names its tab and its place in the history too. */
export function PageTitle({ children }: { children: string }) {
  useEffect(() => {
    document.title = `${children} · Lifecycle gateway`;
  }, [children]);
  return <h1>{children}</h1>;
}
