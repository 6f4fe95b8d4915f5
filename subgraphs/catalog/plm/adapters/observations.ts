import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { Clock } from "../../../../lib/clock.ts";
import type { Log } from "../../../../lib/log.ts";
import type { Metric, ObservedSpan, ObservedStep, ObservedTotal } from "../operations/ports.ts";

const MINUTE_MS = 60_000;
const FLUSH_MS = 1_000;
/** A day longer than the longest window that anybody looks at. */
const KEPT_DAYS = 15;

/**
 * Counts by minute, gathered in memory and added up over all replicas in `catalog.plm_counters`. Counting never
 * waits for the database: what cannot be written is tried again with the next second's counts.
 */
export function createObservations(db: Kysely<CatalogDatabase>, deps: { clock: Clock; log: Log }) {
  const { clock, log } = deps;
  let gathered = new Map<string, number>();
  let flushing = Promise.resolve();

  const write = async (): Promise<void> => {
    const batch = gathered;
    if (batch.size === 0) return;
    gathered = new Map();
    const rows = [...batch].map(([key, count]) => {
      const [minute, metric, label] = JSON.parse(key) as [number, string, string];
      return { minute: new Date(minute), metric, label, count };
    });
    try {
      await db
        .insertInto("catalog.plm_counters")
        .values(rows)
        .onConflict((conflict) =>
          conflict.columns(["metric", "minute", "label"]).doUpdateSet({
            count: sql`catalog.plm_counters.count + excluded.count`,
          }),
        )
        .execute();
    } catch (error) {
      log.debug({ err: error }, "counts of the PLM wait for the database");
      for (const [key, count] of batch) gathered.set(key, (gathered.get(key) ?? 0) + count);
    }
  };
  const flush = () => (flushing = flushing.then(write));
  const timer = setInterval(() => void flush(), FLUSH_MS).unref();

  return {
    add: (metric: Metric, label: string): void => {
      const minute = Math.floor(clock.now().getTime() / MINUTE_MS) * MINUTE_MS;
      const key = JSON.stringify([minute, metric, label]);
      gathered.set(key, (gathered.get(key) ?? 0) + 1);
    },
    /** Sums since a time, with the first minute that contributed. */
    totals: async (metrics: readonly Metric[], since: Date): Promise<ObservedTotal[]> => {
      await flush();
      return readTotals(db, metrics, since);
    },
    /** The beginning of the latest minute in which something was counted; undefined for nothing that is still kept. */
    latest: async (metric: Metric, label: string): Promise<Date | undefined> => {
      await flush();
      return readLatest(db, metric, label);
    },
    /** Sums by step of time, oldest first; a step without any count is left out. */
    series: async (metrics: readonly Metric[], span: ObservedSpan): Promise<ObservedStep[]> => {
      await flush();
      return readSeries(db, metrics, span);
    },
    /** Forgets what is older than every window that is shown. */
    prune: async (): Promise<void> => {
      const oldest = new Date(clock.now().getTime() - KEPT_DAYS * 86_400_000);
      await db.deleteFrom("catalog.plm_counters").where("minute", "<", oldest).execute();
    },
    close: async () => {
      clearInterval(timer);
      await flush();
    },
  };
}

async function readLatest(
  db: Kysely<CatalogDatabase>,
  metric: Metric,
  label: string,
): Promise<Date | undefined> {
  const row = await db
    .selectFrom("catalog.plm_counters")
    .select("minute")
    .where("metric", "=", metric)
    .where("label", "=", label)
    .orderBy("minute", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.minute;
}

async function readTotals(
  db: Kysely<CatalogDatabase>,
  metrics: readonly Metric[],
  since: Date,
): Promise<ObservedTotal[]> {
  const rows = await db
    .selectFrom("catalog.plm_counters")
    .select(["metric", "label"])
    .select(({ fn }) => [fn.sum("count").as("count"), fn.min("minute").as("first")])
    .where("metric", "in", [...metrics])
    .where("minute", ">", new Date(since.getTime() - MINUTE_MS))
    .groupBy(["metric", "label"])
    .execute();
  return rows.map(({ metric, label, count, first }) => ({
    metric: metric as Metric,
    label,
    count: Number(count),
    first,
  }));
}

async function readSeries(
  db: Kysely<CatalogDatabase>,
  metrics: readonly Metric[],
  { since, until, stepMinutes }: ObservedSpan,
): Promise<ObservedStep[]> {
  const step = sql<number>`floor(extract(epoch from minute - ${since}::timestamptz) / ${stepMinutes * 60})::int`;
  const rows = await db
    .selectFrom("catalog.plm_counters")
    .select(["metric", "label", step.as("step")])
    .select(({ fn }) => fn.sum("count").as("count"))
    .where("metric", "in", [...metrics])
    .where("minute", ">=", since)
    .where("minute", "<", until)
    .groupBy(["step", "metric", "label"])
    .orderBy("step")
    .execute();
  return rows.map((row) => ({ ...row, metric: row.metric as Metric, count: Number(row.count) }));
}
