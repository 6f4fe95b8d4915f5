import { parseArgs } from "node:util";
import { sql, type Kysely } from "kysely";
import { Client } from "pg";
import { createDatabase } from "../../db/client.ts";
import { migrateUp } from "../../db/migrate.ts";
import type { Database } from "../../db/tables.ts";
import { createLog } from "../../lib/log.ts";
import { takeReceipts } from "../../subgraphs/plms/adapters/receipt-intake.ts";
import { explainHotQueries } from "./explain.ts";
import { fill, TASKS } from "./size-fill.ts";
import { rebuild } from "./size-rebuild.ts";
import { watchRetention } from "./size-retention.ts";

/**
 * What a receipt costs PostgreSQL when there are 10 thousand of them and when there are 10 million, in 20 and in 20,000
 * runs: `node run.cjs bench/plms/size.ts`, with databases of its own on the server of DATABASE_URL. Messages of 1, 10 and 100
 * receipts go to both in turns, so that a busy machine is busy for both; CPU is what the backend says of itself. Twenty
 * runs are under way in both; "scattered" messages go to any run. Then, in the larger one: plans of hot queries, a day's
 * retention beside webhooks, and whether budgets, burn and priors follow from the receipts.
 */
const { values } = parseArgs({
  options: { sizes: { type: "string", default: "20,20000" }, messages: { type: "string", default: "2000" } },
});
const SERVER = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const UNDER_WAY = 20;
const BATCHES = [1, 10, 100];
const ROUND = 20;
const WARM_MESSAGES = 200;
const log = createLog({ name: "bench", level: "error" });
const print = (line: object | string) =>
  process.stdout.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`);

interface Place {
  runs: number;
  db: Kysely<Database>;
  close: () => Promise<void>;
}

async function place(runs: number): Promise<Place> {
  const name = `lifecycle_size_${process.pid}_${runs}`;
  const server = new Client({ connectionString: SERVER });
  await server.connect();
  await server.query(`create database ${name}`);
  const url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href;
  const database = createDatabase({ url, statementTimeoutMs: 0, log });
  await migrateUp(database.db);
  const startedMs = performance.now();
  await fill(database.db, runs);
  const { rows } = await sql<{ receipts: string; bytes: string }>`
    select count(*) as receipts, pg_total_relation_size('plms.receipts') as bytes from plms.receipts`.execute(
    database.db,
  );
  const [row] = rows;
  print({
    runs,
    receipts: Number(row?.receipts),
    bytesPerReceipt: Math.round(Number(row?.bytes) / Number(row?.receipts)),
    filledInSeconds: Math.round((performance.now() - startedMs) / 1000),
  });
  return {
    runs,
    db: database.db,
    close: async () => {
      await database.close();
      await server.query(`drop database ${name} with (force)`);
      await server.end();
    },
  };
}

/** Microseconds of the backends for each receipt, place by place; messages commit one by one. */
async function measure(all: readonly Place[]): Promise<void> {
  for (const isScattered of [false, true]) {
    for (const batch of BATCHES) {
      const messages = Math.ceil(Number(values.messages) / Math.sqrt(batch) / ROUND) * ROUND;
      const round = { batch, kind: isScattered ? "scattered" : "near" };
      await inTurns(all, { ...round, from: -WARM_MESSAGES, until: 0 });
      const spent = await inTurns(all, { ...round, from: 0, until: messages });
      const costs = spent.map((us) => Math.round((us * 10) / (messages * batch)) / 10);
      const ratio = Number(((costs.at(-1) ?? 0) / (costs[0] ?? 1)).toFixed(2));
      print({ receiptsPerMessage: batch, isScattered, messages, cpuUsPerReceipt: costs, ratio });
    }
  }
}

async function inTurns(
  all: readonly Place[],
  { from, until, batch, kind }: { from: number; until: number; batch: number; kind: string },
): Promise<number[]> {
  const spent = all.map(() => 0);
  for (let index = from; index < until; index += ROUND) {
    for (const [at, one] of all.entries()) {
      const among = kind === "scattered" ? one.runs : UNDER_WAY;
      spent[at] = (spent[at] ?? 0) + (await cpuOfRound(one, { from: index, batch, among, kind }));
    }
  }
  return spent;
}

interface Round {
  from: number;
  batch: number;
  among: number;
  kind: string;
}

/** Microseconds of CPU that a round of messages took, by the scheduler's clock of the backend. */
const cpuOfRound = ({ db, runs }: Place, { from, batch, among, kind }: Round): Promise<number> =>
  db.connection().execute(async (one) => {
    const spent = async () => {
      const { rows } = await sql<{ ns: string }>`
        select split_part(pg_read_file('/proc/' || pg_backend_pid() || '/schedstat'), ' ', 1) as ns`.execute(
        one,
      );
      return Number(rows[0]?.ns) / 1000;
    };
    const before = await spent();
    for (let index = from; index < from + ROUND; index += 1)
      await send({ db: one, runs }, { index, batch, among, kind });
    return (await spent()) - before;
  });

interface Message {
  index: number;
  batch: number;
  among: number;
  kind: string;
}

async function send(
  { db, runs }: Pick<Place, "db" | "runs">,
  { index, batch, among, kind }: Message,
): Promise<void> {
  // Those under way are the newest, as they are.
  const run = runs - Math.floor(Math.abs(Math.sin(index) * 1e6) % among);
  const charges = Array.from({ length: batch }, (_, n) => ({
    receiptId: `new-${kind}-${batch}-${index}-${n}`,
    taskId: String((run - 1) * TASKS + 1 + ((Math.abs(index) + n) % TASKS)),
    laneId: 4200,
    provider: "gpt-4",
    tokens: 900,
    durationMs: 1000,
    costUsd: 0.01,
    echoCos: null,
    status: "succeeded" as const,
    occurredAt: new Date(),
    usage: null,
  }));
  const message = { messageId: `m-${kind}-${batch}-${index}`, executorRunId: `size-${run}`, charges };
  await takeReceipts(db, message, new Date());
}

const places: Place[] = [];
try {
  for (const runs of values.sizes.split(",").map(Number)) places.push(await place(runs));
  await measure(places);
  const largest = places.at(-1);
  if (largest) {
    print(await explainHotQueries(largest.db));
    print({
      retention: await watchRetention(largest.db, (index) =>
        send(largest, { index, batch: 1, among: UNDER_WAY, kind: "retention" }),
      ),
    });
    print({ rebuilt: await rebuild(largest.db) });
  }
} finally {
  for (const { close } of places) await close();
}
