import { useEffect, useRef, useState } from "react";
import { useConnection } from "./graphql/link.tsx";
import { timeOfDay } from "./ui/format.ts";
import { useToast } from "./ui/toast.tsx";

/** Shorter cuts are over before anyone has read of them. */
const WORTH_SAYING_MS = 2_000;

/** Says once for the whole page that the gateway is away, since when, and that it is back. */
export function ConnectionNotice() {
  const isAway = useConnection() === "lost";
  const [since, setSince] = useState<Date>();
  const tell = useToast();
  const wasSaid = useRef(false);
  useEffect(() => {
    if (!isAway) {
      if (wasSaid.current) tell("The gateway is back.");
      wasSaid.current = false;
      setSince(undefined);
      return undefined;
    }
    const cutAt = new Date();
    const timer = setTimeout(() => {
      wasSaid.current = true;
      setSince(cutAt);
    }, WORTH_SAYING_MS);
    return () => clearTimeout(timer);
  }, [isAway, tell]);
  if (since === undefined) return null;
  return (
    <p className="notice" role="status">
      The gateway has not answered since {timeOfDay(since)}. What you see is of that time; it goes on by
      itself as soon as the gateway is back.
    </p>
  );
}
