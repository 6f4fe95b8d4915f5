import { useEffect, useState, useSyncExternalStore } from "react";
import { dayAndTime, seconds, timeOfDay } from "./format.ts";
import { onZone, zone, type Zone } from "./zone.ts";

/** The zone that times are told in; whoever asks is drawn again when it changes. */
export const useZone = (): Zone => useSyncExternalStore(onZone, zone);

/** A time in the zone that the reader has chosen; the hover tells it in UTC. */
export function Moment({ at, withDate = false }: { at: string; withDate?: boolean }) {
  useZone();
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${date.toISOString().replace("T", " ").slice(0, 19)} UTC`}>
      {withDate ? dayAndTime(date) : timeOfDay(date)}
    </time>
  );
}

/** How long until a moment, or since, counted while it is shown. */
export function Countdown({ to }: { to: string }) {
  const now = useNow(1_000);
  const left = (new Date(to).getTime() - now) / 1000;
  return <span className="number">{left > 0 ? `in ${seconds(left)}` : "now"}</span>;
}

export function Ago({ at }: { at: string }) {
  const now = useNow(5_000);
  const passed = Math.max(0, (now - new Date(at).getTime()) / 1000);
  return (
    <time dateTime={at} title={`${at.replace("T", " ").slice(0, 19)} UTC`}>
      {passed < 5 ? "just now" : `${seconds(passed)} ago`}
    </time>
  );
}

function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
