import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { dayAndTime, zoneName } from "./format.ts";
import { useZone } from "./use-zone.ts";

/** On paper alone: of when the figures are, and where the page is that goes on. */
export function PrintNote() {
  useZone();
  const [at, setAt] = useState(() => new Date());
  useEffect(() => {
    const printing = () => flushSync(() => setAt(new Date()));
    addEventListener("beforeprint", printing);
    return () => removeEventListener("beforeprint", printing);
  }, []);
  return (
    <p className="print-only">
      As of {dayAndTime(at)} {zoneName(at)}, from {location.href}
    </p>
  );
}
