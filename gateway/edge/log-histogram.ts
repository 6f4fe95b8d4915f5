/** Three to an octave: a quantile is right to an eighth. */
const PER_OCTAVE = 3;
const OCTAVES = 21;
/** The first holds what is shorter than all octaves. */
const BUCKETS = PER_OCTAVE * OCTAVES + 1;
/** The upper end of the first bucket is 1/16 ms; of the last, two minutes. */
const LEAST_LOG2 = -4;

/** How many durations up to a length, and above the length before it. */
export interface HistogramBar {
  upToMs: number;
  count: number;
}

/** Durations counted by their length, in 256 bytes however many there are. */
export class LogHistogram {
  readonly #counts = new Uint32Array(BUCKETS);

  add(ms: number): void {
    const place = ms > 0 ? Math.ceil((Math.log2(ms) - LEAST_LOG2) * PER_OCTAVE) : 0;
    const bucket = Math.min(BUCKETS - 1, Math.max(0, place));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  merge(other: LogHistogram): void {
    other.#counts.forEach((count, bucket) => {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    });
  }

  /** Milliseconds that a share of the durations did not exceed; null without any. */
  quantileMs(share: number): number | null {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    const rank = share * total;
    let before = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      if (count > 0 && before + count >= rank) return upperEndMs(bucket - 1 + (rank - before) / count);
      before += count;
    }
    return upperEndMs(BUCKETS - 1);
  }

  /** By octaves, from the shortest to the longest that there is. */
  bars(): HistogramBar[] {
    const bars = Array.from({ length: OCTAVES + 1 }, (_, octave) => {
      const last = octave * PER_OCTAVE;
      const counts = this.#counts.subarray(Math.max(0, last - PER_OCTAVE + 1), last + 1);
      return { upToMs: upperEndMs(last), count: counts.reduce((sum, count) => sum + count, 0) };
    });
    const first = bars.findIndex(({ count }) => count > 0);
    const last = bars.findLastIndex(({ count }) => count > 0);
    return first === -1 ? [] : bars.slice(first, last + 1);
  }
}

const upperEndMs = (bucket: number): number => 2 ** (bucket / PER_OCTAVE + LEAST_LOG2);
