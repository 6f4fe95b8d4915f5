/** How many events were waiting at some moment. */
export interface BacklogSample {
  atMs: number;
  pending: number;
}

/** Least time that samples have to span before a slope means anything. */
const SPAN_MIN_MS = 60_000;
const SAMPLES_MIN = 5;

/**
 * Events per minute by which the backlog grows, negative while it shrinks: the median of the slopes of all pairs
 * (Theil-Sen), which a single burst does not move. Null while there are too few samples.
 */
export function backlogGrowthPerMinute(samples: readonly BacklogSample[]): number | null {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (!first || !last || samples.length < SAMPLES_MIN || last.atMs - first.atMs < SPAN_MIN_MS) return null;
  const slopes = samples
    .flatMap((a, index) => samples.slice(index + 1).map((b) => (b.pending - a.pending) / (b.atMs - a.atMs)))
    .sort((a, b) => a - b);
  const middle = Math.floor(slopes.length / 2);
  const [low = 0, high = 0] =
    slopes.length % 2 === 0 ? slopes.slice(middle - 1, middle + 1) : [slopes[middle], slopes[middle]];
  return ((low + high) / 2) * 60_000;
}

/** Seconds that an event may wait before a growing backlog is bad news. */
export const WAIT_MAX_SECONDS = 60;

export interface Backlog {
  growthPerMinute: number | null;
  oldestSeconds: number | null;
}

/** True when the PLM falls behind: the backlog grows, and its oldest event has waited for more than a minute. */
export const isFallingBehind = ({ growthPerMinute, oldestSeconds }: Backlog): boolean =>
  (growthPerMinute ?? 0) > 0 && (oldestSeconds ?? 0) > WAIT_MAX_SECONDS;

/** What happens to the alert: it begins when the PLM falls behind and ends when no event waits that long any more. */
export function backlogAlert(
  backlog: Backlog,
  state: { isOn: boolean; isFiring: boolean },
): "raise" | "resolve" | "keep" {
  // While the PLM is disabled nothing is meant to be delivered.
  const isOver = !state.isOn || (backlog.oldestSeconds ?? 0) <= WAIT_MAX_SECONDS;
  if (state.isFiring) return isOver ? "resolve" : "keep";
  return state.isOn && isFallingBehind(backlog) ? "raise" : "keep";
}
