import { useEffect, useMemo, useState } from "react";
import { go, useQueryText } from "../ui/router.tsx";

/** What of time a page shows: the latest minutes, the whole of something, or from one moment to another. */
export type TimeRange =
  | { kind: "latest"; preset: Latest }
  | { kind: "run" }
  | { kind: "custom"; from: Date; to: Date };

const MINUTES = { "15m": 15, "1h": 60, "6h": 360, "24h": 1_440, "14d": 20_160 } as const;

type Latest = keyof typeof MINUTES;
export type Preset = Latest | "run";

export const PRESET_LABELS: Readonly<Record<Preset, string>> = {
  "15m": "15 min",
  "1h": "1 h",
  "6h": "6 h",
  "24h": "1 day",
  "14d": "14 days",
  run: "Run",
};

const MINUTE_MS = 60_000;
/** In anything shorter there is nothing to be told apart. */
const SHORTEST_MS = 1_000;

/** The range that the address tells, like `?range=1h` or `?from=…&to=…`; the first preset when it tells none. */
function rangeIn(query: string, presets: readonly Preset[]): TimeRange {
  const parameters = new URLSearchParams(query);
  const [from, to] = ["from", "to"].map((name) => new Date(parameters.get(name) ?? Number.NaN));
  if (from && to && to.getTime() - from.getTime() >= SHORTEST_MS) return { kind: "custom", from, to };
  const preset = presets.find((each) => each === parameters.get("range")) ?? presets[0] ?? "1h";
  return preset === "run" ? { kind: "run" } : { kind: "latest", preset };
}

/** The address of the same view with another range. */
function addressWith(query: string, range: TimeRange, presets: readonly Preset[]): string {
  const parameters = new URLSearchParams(query);
  for (const name of ["range", "from", "to"]) parameters.delete(name);
  if (range.kind === "custom") {
    parameters.set("from", range.from.toISOString());
    parameters.set("to", range.to.toISOString());
  } else {
    const preset = range.kind === "run" ? "run" : range.preset;
    if (preset !== presets[0]) parameters.set("range", preset);
  }
  const text = parameters.toString();
  return `${location.pathname}${text && `?${text}`}`;
}

/** What a page shows of time, and the ways to change it. */
export interface TimeView {
  presets: readonly Preset[];
  range: TimeRange;
  setRange: (range: TimeRange) => void;
  /** Shows from one moment to another, in seconds since 1970. */
  zoom: (from: number, to: number) => void;
}

/** The range of a page, kept in its address; all panels of the page follow it. */
export function useTimeRange(presets: readonly Preset[]): TimeView {
  const query = useQueryText();
  const range = useMemo(() => rangeIn(query, presets), [query, presets]);
  const setRange = (next: TimeRange) => go(addressWith(query, next, presets));
  const zoom = (from: number, to: number) => {
    const begin = Math.max(0, Math.min(from * 1000, Date.now() - SHORTEST_MS));
    const end = Math.max(to * 1000, begin + SHORTEST_MS);
    setRange({ kind: "custom", from: new Date(begin), to: new Date(end) });
  };
  return { presets, range, setRange, zoom };
}

/** From when to when a server is asked: what is left out is for the server to say. */
export interface AskedSpan {
  from?: string;
  to?: string;
}

/** A range as variables: one that ends now moves on in steps of a hundredth of its length, of a minute at most. */
export function useAskedSpan(range: TimeRange): AskedSpan {
  const minutes = range.kind === "latest" ? MINUTES[range.preset] : 0;
  const stepMs = Math.min(MINUTE_MS, Math.max(5_000, (minutes * MINUTE_MS) / 100));
  const [tick, setTick] = useState(() => Math.floor(Date.now() / stepMs));
  useEffect(() => {
    const look = () => setTick(Math.floor(Date.now() / stepMs));
    look();
    const timer = setInterval(look, stepMs / 2);
    return () => clearInterval(timer);
  }, [stepMs]);
  return useMemo(() => {
    if (range.kind === "custom") return { from: range.from.toISOString(), to: range.to.toISOString() };
    if (range.kind === "run") return {};
    return { from: new Date((tick + 1) * stepMs - minutes * MINUTE_MS).toISOString() };
  }, [range, tick, stepMs, minutes]);
}

/** Whether a moment belongs to what is shown; the whole of a run is everything. */
export function isWithin(range: TimeRange, at: string): boolean {
  const ms = new Date(at).getTime();
  if (range.kind === "custom") return ms >= range.from.getTime() && ms <= range.to.getTime();
  return range.kind === "run" || ms >= Date.now() - MINUTES[range.preset] * MINUTE_MS;
}
