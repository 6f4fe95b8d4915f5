import type { Metric, Registry } from "prom-client";

/*
 * Metrics of what happens with every request. prom-client's own check, copy and hash the labels of a series each time
 * something is counted, which took 10 to 16 % of the CPU of a small operation. Here a series is an object with numbers in it,
 * which prom-client's registry reads when the metrics are asked for.
 */

type Labels<L extends string> = Readonly<Record<L, string>>;

/** The series of a metric with these labels, always the same one; to be looked up once, not for every request. */
type SeriesOf<L extends string, S> = (labels: Labels<L>) => S;

interface Description<L extends string> {
  name: string;
  help: string;
  labelNames: readonly L[];
  registry: Registry;
}

/** A number that goes up, and for gauges also down. */
class Level {
  value = 0;

  inc(by = 1): void {
    this.value += by;
  }

  dec(): void {
    this.value -= 1;
  }
}

/** How many values were at most as large as each bound, and their sum. */
class Distribution {
  sum = 0;
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.sum += value;
  }

  /** For each bound, and at last for none, how many values did not exceed it. */
  cumulative(): number[] {
    let total = 0;
    return Array.from(this.#counts, (count) => (total += count));
  }
}

/** A counter whose series is looked up once: `const refused = hotCounter({ … })({ code: "A" }); refused.inc()`. */
export const hotCounter = <L extends string>(description: Description<L>): SeriesOf<L, Pick<Level, "inc">> =>
  levels("counter", description);

/** The same for a level that also goes down. */
export const hotGauge = <L extends string>(
  description: Description<L>,
): SeriesOf<L, Pick<Level, "inc" | "dec">> => levels("gauge", description);

function levels<L extends string>(type: "counter" | "gauge", description: Description<L>) {
  return register(
    { type, ...description },
    () => new Level(),
    ({ value }, labels) => [{ labels, value }],
  );
}

/** @param description its `buckets` are upper bounds, the smallest first */
export function hotHistogram<L extends string>(
  description: Description<L> & { buckets: readonly number[] },
): SeriesOf<L, Pick<Distribution, "observe">> {
  const { name, buckets } = description;
  return register(
    { type: "histogram", ...description },
    () => new Distribution(buckets),
    (series, labels) => {
      const counts = series.cumulative();
      const bound = (index: number) => buckets[index] ?? "+Inf";
      return [
        ...counts.map((value, index) => ({
          metricName: `${name}_bucket`,
          labels: { le: bound(index), ...labels },
          value,
        })),
        { metricName: `${name}_sum`, labels, value: series.sum },
        { metricName: `${name}_count`, labels, value: counts.at(-1) ?? 0 },
      ];
    },
  );
}

interface Sample {
  metricName?: string;
  labels: Readonly<Record<string, string | number>>;
  value: number;
}

/** Adds a metric to its registry in the form in which that asks its own. */
function register<L extends string, S>(
  { registry, labelNames, ...metric }: Description<L> & { type: string },
  create: () => S,
  samplesOf: (series: S, labels: Labels<L>) => Sample[],
): SeriesOf<L, S> {
  const known = new Map<string, { labels: Labels<L>; series: S }>();
  const values = () => [...known.values()].flatMap(({ series, labels }) => samplesOf(series, labels));
  const described = { ...metric, aggregator: "sum" };
  registry.registerMetric({
    ...described,
    get: async () => ({ ...described, values: values() }),
  } as unknown as Metric);
  return (labels) => {
    const key = JSON.stringify(labelNames.map((name) => labels[name]));
    const { series } = known.get(key) ?? { series: create() };
    known.set(key, { labels, series });
    return series;
  };
}
