import { useState, type FormEvent } from "react";
import { textOf } from "../ui/field.tsx";
import { setZone, type Zone } from "../ui/zone.ts";
import { PRESET_LABELS, type Preset, type TimeRange, type TimeView } from "./time-range.ts";
import { useZone } from "../ui/moment.tsx";

const ORDER = Object.keys(PRESET_LABELS) as Preset[];

/** Which stretch of time a page shows, and in which zone it tells times. */
export function RangeControl({ presets, range, setRange }: TimeView) {
  const [isOpen, setOpen] = useState(false);
  const zone = useZone();
  const chosen = range.kind === "latest" ? range.preset : range.kind;
  const choose = (preset: Preset) => {
    setOpen(false);
    setRange(preset === "run" ? { kind: "run" } : { kind: "latest", preset });
  };
  return (
    <div className="range-control">
      <div className="segments" role="group" aria-label="Range of time">
        {ORDER.filter((each) => presets.includes(each)).map((preset) => (
          <button key={preset} type="button" aria-pressed={chosen === preset} onClick={() => choose(preset)}>
            {PRESET_LABELS[preset]}
          </button>
        ))}
        <button
          type="button"
          aria-pressed={chosen === "custom"}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          Custom
        </button>
      </div>
      <button
        type="button"
        className="zone"
        aria-pressed={zone === "utc"}
        title="Tell every time in UTC"
        onClick={() => setZone(zone === "utc" ? "local" : "utc")}
      >
        UTC
      </button>
      {isOpen && (
        <CustomRange
          key={zone}
          range={range}
          zone={zone}
          apply={(from, to) => {
            setOpen(false);
            setRange({ kind: "custom", from, to });
          }}
        />
      )}
    </div>
  );
}

interface CustomRangeProps {
  range: TimeRange;
  zone: Zone;
  apply: (from: Date, to: Date) => void;
}

function CustomRange({ range, zone, apply }: CustomRangeProps) {
  const [problem, setProblem] = useState("");
  const [now] = useState(() => new Date());
  const { from, to } =
    range.kind === "custom" ? range : { from: new Date(now.getTime() - 3_600_000), to: now };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [begin, end] = ["from", "to"].map((name) => momentIn(textOf(form, name), zone));
    if (!begin || !end || Number.isNaN(begin.getTime()) || Number.isNaN(end.getTime()))
      return setProblem("Say when it begins and when it ends.");
    if (end <= begin) return setProblem("It has to end after it begins.");
    if (begin.getTime() > Date.now()) return setProblem("It has to begin in the past.");
    return apply(begin, end);
  };
  const field = (name: string, label: string, value: Date) => (
    <label>
      {label}{" "}
      <input type="datetime-local" name={name} step="1" required defaultValue={fieldText(value, zone)} />
    </label>
  );
  return (
    <form className="custom-range" onSubmit={submit} aria-label="Custom range" noValidate>
      {field("from", "From", from)}
      {field("to", "To", to)}
      <button type="submit">Show</button>
      {problem && (
        <p className="hint" role="alert">
          {problem}
        </p>
      )}
    </form>
  );
}

/** A field for dates knows no zone: what it holds is read in the one that the page tells times in. */
const momentIn = (text: string, zone: Zone): Date => new Date(zone === "utc" ? `${text}Z` : text);

function fieldText(date: Date, zone: Zone): string {
  const shiftMs = zone === "utc" ? 0 : date.getTimezoneOffset() * 60_000;
  return new Date(date.getTime() - shiftMs).toISOString().slice(0, 19);
}
