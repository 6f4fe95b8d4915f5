import { parseArgs } from "node:util";
import { sql, type Kysely } from "kysely";
import { Client } from "pg";
import { createDatabase } from "../../db/client.ts";
import { migrateUp } from "../../db/migrate.ts";
import type { Database } from "../../db/tables.ts";
import { createLog } from "../../lib/log.ts";
import { explainHotQueries } from "./explain.ts";

/**
 * What a receipt costs PostgreSQL when there are 10 thousand of them and when there are 10 million, in 20 and in 20,000
 * runs: `node run.cjs bench/plms/size.ts`, with a database of its own on the server of DATABASE_URL. Messages of 1, 10 and 100 receipts
 * go to runs picked at random; CPU is what the backend says of itself, so that a busy machine counts for little.
 */
const { values } = parseArgs({
  options: { sizes: { type: "string", default: "20,20000" }, messages: { type: "string", default: "2000" } },
});
const SERVER = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const RECEIPTS_PER_RUN = 500;
const TASKS = 50;
const BATCHES = [1, 10, 100];
const log = createLog({ name: "bench", level: "warn" });

for (const runs of values.sizes.split(",").map(Number)) await measureWith(runs);

async function measureWith(runs: number): Promise<void> {
  const name = `lifecycle_size_${process.pid}_${runs}`;
  const server = new Client({ connectionString: SERVER });
  await server.connect();
  await server.query(`create database ${name}`);
  const url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href;
  const database = createDatabase({ url, statementTimeoutMs: 0, log });
  try {
    await migrateUp(database.db);
    await fill(database.db, runs);
    for (const batch of BATCHES) {
      const messages = Math.ceil(Number(values.messages) / Math.sqrt(batch));
      const cpuUs = await cpuOfReceipt(database.db, { runs, batch, messages });
      const { rows } = await sql<{
        receipts: string;
      }>`select count(*) as receipts from plms.receipts`.execute(database.db);
      process.stdout.write(
        `${JSON.stringify({ receipts: Number(rows[0]?.receipts), runs, receiptsPerMessage: batch, messages, cpuUsPerReceipt: cpuUs })}\n`,
      );
    }
    process.stdout.write(await explainHotQueries(database.db));
  } finally {
    await database.close();
    await server.query(`drop database ${name} with (force)`);
    await server.end();
  }
}

/** Runs with their tasks and receipts, as if they had come message by message. */
async function fill(db: Kysely<Database>, runs: number): Promise<void> {
  await sql`insert into plms.lanes (id, name) values (4200, 'Code') on conflict do nothing`.execute(db);
  await sql`
    insert into plms.projects (tenant, name, budget_usd_max, status, created_by)
    select 'bench', 'project ' || n, 1000000, 'executing', 'bench' from generate_series(1, ${runs}::int) as n`.execute(
    db,
  );
  await sql`
    insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, estimated_tokens,
      estimated_duration_ms, estimated_cost_usd)
    select project.id, n, 'task ' || n, 4200, 'simple', 1000, 60000, 0.1
    from plms.projects as project, generate_series(1, ${TASKS}::int) as n
    order by project.id, n`.execute(db);
  await sql`
    insert into plms.project_runs (project_id, executor_run_id, kind, status, provider_matrix, tasks_total, created_by,
      started_at, receipts_count, usd_spent, tasks_completed)
    select id, 'size-' || id, 'baseline', 'executing', '{}', ${TASKS}, 'bench', now() - interval '2 hours',
      ${RECEIPTS_PER_RUN}, ${RECEIPTS_PER_RUN * 0.01}, ${TASKS}
    from plms.projects order by id`.execute(db);
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select run.id, 'old-' || n, task.first_id + n % ${TASKS}, 4200, 'gpt-4', 900, 1000, 0.01, 'succeeded', now() - interval '90 minutes'
    from plms.project_runs as run
    join (select project_id, min(id) as first_id from plms.task_estimates group by project_id) as task using (project_id)
    cross join generate_series(1, ${RECEIPTS_PER_RUN}::int) as n`.execute(db);
  await sql`
    insert into plms.run_tasks (run_id, task_id, usd_spent, has_succeeded, has_failed)
    select run.id, task.id, 0.1, true, false
    from plms.project_runs as run join plms.task_estimates as task using (project_id)`.execute(db);
  await sql`
    insert into plms.run_lanes (run_id, lane_id, tasks, usd_spent, receipts)
    select id, 4200, ${TASKS}, 5, ${RECEIPTS_PER_RUN} from plms.project_runs`.execute(db);
  await sql`vacuum analyze`.execute(db);
  await sql`checkpoint`.execute(db);
}

/** Microseconds of the backend, over messages that commit one by one. */
async function cpuOfReceipt(
  db: Kysely<Database>,
  { runs, batch, messages }: { runs: number; batch: number; messages: number },
): Promise<number> {
  return db.connection().execute(async (one) => {
    const ticks = async () => {
      const { rows } = await sql<{ ticks: number }>`
        select split_part(stat, ' ', 12)::int + split_part(stat, ' ', 13)::int as ticks
        from (select split_part(pg_read_file('/proc/' || pg_backend_pid() || '/stat'), ') ', 2) as stat) as own`.execute(
        one,
      );
      return rows[0]?.ticks ?? 0;
    };
    const send = async (index: number) => {
      const run = 1 + Math.floor(Math.abs(Math.sin(index) * 1e6) % runs);
      const charges = Array.from({ length: batch }, (_, n) => ({
        receipt_id: `new-${batch}-${index}-${n}`,
        task_id: 0,
        lane_id: 4200,
        provider: "gpt-4",
        tokens: 900,
        duration_ms: 1000,
        cost_usd: 0.01,
        status: "succeeded",
        occurred_at: new Date(),
      }));
      const tasks = firstTasks.get(run) ?? 0;
      for (const [n, charge] of charges.entries()) charge.task_id = tasks + ((Math.abs(index) + n) % TASKS);
      await sql`
        select * from plms.take_receipts(${`m-${batch}-${index}`}, ${`size-${run}`}, now(), ${JSON.stringify(charges)}, 15000, 1298425, 1.2)`.execute(
        one,
      );
    };
    const { rows } = await sql<{ project_id: string; first_id: string }>`
      select project_id, min(id) as first_id from plms.task_estimates group by project_id`.execute(one);
    const firstTasks = new Map(rows.map((row) => [Number(row.project_id), Number(row.first_id)]));
    for (let index = 0; index < 200; index += 1) await send(-1 - index);
    const before = await ticks();
    for (let index = 0; index < messages; index += 1) await send(index);
    return Math.round((((await ticks()) - before) * 100_000) / (messages * batch)) / 10;
  });
}
