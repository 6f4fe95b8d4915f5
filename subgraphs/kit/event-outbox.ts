import { sql, type Kysely, type RawBuilder, type Transaction } from "kysely";
import { Counter, Gauge, type Registry } from "prom-client";
import type { Broker } from "../../lib/broker/broker.ts";
import { openBroker, type BrokerSettings } from "../../lib/broker/open-broker.ts";
import { topicPart } from "../../lib/broker/topic.ts";
import { isCodedError, messageOf } from "../../lib/errors.ts";
import { startRounds } from "./rounds.ts";
import type { SubgraphDeps } from "./run-subgraph.ts";

export interface EventOutbox {
  /** Undefined where there is none. */
  broker: Broker | undefined;
  close(): Promise<void>;
}

interface OutboxDeps<Tables> extends SubgraphDeps<Tables> {
  registry: Registry;
}

/** Rows that are published before others have a turn. */
const ROWS_AT_ONCE = 100;
/** A round comes for each hint; and so often, where hints do not come. */
const EVERY_MS = 1_000;
/** Without a broker rows are of use to nobody. */
const SWEEP_MS = 60_000;

/**
 * Publishes what triggers have written into the outbox of a subgraph, in order, each row until the broker has it. A row that is
 * published twice, because a process died in between, has one message id, by which the broker knows it. One replica at a time works.
 */
export function openEventOutbox<Tables>(
  schema: "plms" | "catalog",
  settings: BrokerSettings,
  deps: OutboxDeps<Tables>,
): EventOutbox {
  const { db, notifications, log } = deps;
  const broker = openBroker(settings, deps);
  const count = meter(schema, deps);
  const onError = (err: unknown) => log.warn({ err }, "the outbox of events could not be worked on");
  const table = sql.table(`${schema}.event_outbox`);
  const rounds = startRounds({
    everyMs: broker ? EVERY_MS : SWEEP_MS,
    round: broker
      ? () => publishAll(db, { schema, broker, count, log })
      : () => sql`delete from ${table}`.execute(db),
    onError,
  });
  const hinted = { onHint: () => rounds.soon(), onGap: () => rounds.soon() };
  const listening = broker && notifications.listen(`${schema}_event_outbox`, hinted).catch(() => undefined);
  return {
    broker,
    close: async () => {
      await rounds.close();
      const end = await Promise.race([listening, Promise.resolve(undefined)]);
      await end?.();
      await broker?.close();
    },
  };
}

/** What `/readyz` says of it. */
export const readinessOf = ({ broker }: Pick<EventOutbox, "broker">): Record<string, string | null> =>
  broker ? { eventBroker: broker.problem ?? null } : {};

interface Row {
  id: string;
  message_id: string;
  topic: (string | null)[];
  message: unknown;
}

interface Publishing {
  schema: string;
  broker: Broker;
  count: { published(events: number): void; refused(events: number): void };
  log: SubgraphDeps<unknown>["log"];
}

async function publishAll<Tables>(db: Kysely<Tables>, publishing: Publishing): Promise<void> {
  if (publishing.broker.problem !== undefined) return;
  while ((await publishSome(db, publishing)) === ROWS_AT_ONCE);
}

/**
 * How many rows are done with; fewer than wanted when there are no more, the broker is away, or another replica is at it. They are
 * counted when that is stored.
 */
async function publishSome<Tables>(db: Kysely<Tables>, publishing: Publishing): Promise<number> {
  const { published, refused } = await db.transaction().execute((tx) => publishRows(tx, publishing));
  publishing.count.published(published);
  publishing.count.refused(refused);
  return published + refused;
}

async function publishRows<Tables>(tx: Transaction<Tables>, publishing: Publishing) {
  const table = sql.table(`${publishing.schema}.event_outbox`);
  const done = { published: 0, refused: 0 };
  const lock = sql`hashtextextended(${`lifecycle.${publishing.schema}.event_outbox`}, 0)`;
  const { rows: locks } = await sql<{
    mine: boolean;
  }>`select pg_try_advisory_xact_lock(${lock}) as mine`.execute(tx);
  if (locks[0]?.mine !== true) return done;
  const { rows } = await sql<Row>`
      select id, message_id, topic, message from ${table} where refused is null order by id limit ${ROWS_AT_ONCE}`.execute(
    tx,
  );
  const told: string[] = [];
  for (const row of rows) {
    const problem = await publish(row, publishing);
    if (problem === "away") break;
    if (problem === undefined) told.push(row.id);
    else {
      await sql`update ${table} set refused = ${problem} where id = ${row.id}`.execute(tx);
      done.refused++;
    }
  }
  await sql`delete from ${table} where id = any(${told}::bigint[])`.execute(tx);
  return { ...done, published: told.length };
}

/** Undefined when the broker has it; "away" when it will have it later; otherwise why it never will. */
async function publish(row: Row, { schema, broker, log }: Publishing): Promise<string | undefined> {
  const topic = ["events", schema, ...row.topic.map((part) => topicPart(part))].join(".");
  try {
    await broker.publish({ topic, id: row.message_id, body: JSON.stringify(row.message) });
    return undefined;
  } catch (error) {
    if (!isCodedError(error) || error.details.retryable === true) return "away";
    log.error(
      { topic, messageId: row.message_id, problem: messageOf(error) },
      "an event was refused by the broker; it stays in the outbox",
    );
    return messageOf(error).slice(0, 500);
  }
}

/** What waits, and for how long. */
function meter<Tables>(schema: string, { db, registry }: OutboxDeps<Tables>): Publishing["count"] {
  const registers = [registry];
  const published = new Counter({
    name: "event_outbox_published_total",
    help: "Events that the broker has taken",
    registers,
  });
  const refused = new Counter({
    name: "event_outbox_refused_total",
    help: "Events that the broker will not take; they stay in the outbox",
    registers,
  });
  const shown = ({ column, ...named }: { name: string; help: string; column: RawBuilder<unknown> }) => {
    const gauge: Gauge = new Gauge({
      ...named,
      registers,
      // While the database does not answer the last figure stays.
      collect: async () => {
        const found = await sql<{ figure: string | null }>`
          select ${column} as figure from ${sql.table(`${schema}.event_outbox`)} where refused is null`
          .execute(db)
          .catch(() => undefined);
        if (found) gauge.set(Number(found.rows[0]?.figure ?? 0));
      },
    });
  };
  shown({
    name: "event_outbox_waiting",
    help: "Events that the broker does not have yet",
    column: sql`count(*)`,
  });
  shown({
    name: "event_outbox_oldest_seconds",
    help: "How long the oldest of them has been waiting",
    column: sql`extract(epoch from clock_timestamp() - min(told_at))`,
  });
  return { published: (events) => published.inc(events), refused: (events) => refused.inc(events) };
}
