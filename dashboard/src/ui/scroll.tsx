import { useEffect, useRef, useState, type ReactNode } from "react";

/** A table that may be wider than its place: it can be moved sideways, and says so while there is more of it. */
export function Scroll({ label, children }: { label: string; children: ReactNode }) {
  const element = useRef<HTMLDivElement>(null);
  const [isCut, setCut] = useState(false);
  useEffect(() => {
    const scroller = element.current;
    if (!scroller) return undefined;
    const look = () => setCut(scroller.scrollLeft + scroller.clientWidth < scroller.scrollWidth - 1);
    const observer = new ResizeObserver(look);
    observer.observe(scroller);
    for (const child of scroller.children) observer.observe(child);
    scroller.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      scroller.removeEventListener("scroll", look);
    };
  }, []);
  return (
    <>
      <div ref={element} className="scroll" data-cut={isCut} tabIndex={0} role="region" aria-label={label}>
        {children}
      </div>
      {isCut && <p className="hint goes-on">It goes on to the right →</p>}
    </>
  );
}
