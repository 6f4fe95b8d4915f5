import type { Tone } from "./badge.tsx";
import { count as counted } from "./format.ts";

interface Part {
  name: string;
  count: number;
  tone: Tone;
}

/** What a number is made of, as one bar with its key; nothing when there is nothing. */
export function Shares({ what, parts }: { what: string; parts: readonly Part[] }) {
  const present = parts.filter(({ count }) => count > 0);
  if (present.length === 0) return null;
  const label = present.map(({ name, count }) => `${name} ${counted(count)}`).join(", ");
  return (
    <div role="img" aria-label={`${what}: ${label}`}>
      <div className="sources">
        {present.map(({ name, count, tone }) => (
          <span key={name} className={tone} style={{ flexGrow: count }} />
        ))}
      </div>
      <p className="legend-line" aria-hidden="true">
        {present.map(({ name, count, tone }) => (
          <span key={name} className={`source-key ${tone}`}>
            {name} {counted(count)}
          </span>
        ))}
      </p>
    </div>
  );
}

/** A share as a bar beside its number; the bar adds nothing for those who do not see it. */
export const Bar = ({ share, tone }: { share: number; tone: string }) => (
  <span className="bar" aria-hidden="true" data-tone={tone}>
    <span style={{ width: `${Math.min(1, share) * 100}%` }} />
  </span>
);
