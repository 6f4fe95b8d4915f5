import { mkdtemp, chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql, type Kysely } from "kysely";
import { createDatabase } from "../../db/client.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { migrateUp } from "../../db/migrate.ts";
import { seedDemo } from "../../db/seed/seed.ts";
import type { Database } from "../../db/tables.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import { createInbox } from "../../subgraphs/plms/adapters/inbox.ts";
import { loadPrices } from "../../subgraphs/plms/adapters/price-files.ts";
import { createRunStore } from "../../subgraphs/plms/adapters/run-store.ts";
import { recordReceipts } from "../../subgraphs/plms/operations/record-receipts.ts";
import { runwaysOf } from "../../subgraphs/plms/operations/runways-of.ts";
import { createBudgetStore } from "../../subgraphs/plms/adapters/budget-store.ts";
import { createInsightStore } from "../../subgraphs/plms/adapters/insight-store.ts";
import { createPriorStore } from "../../subgraphs/plms/adapters/prior-store.ts";
import { explainHotQueries } from "./explain.ts";

/** What a receipt costs when a run has 10, 10 thousand and a million of them: `node bench/plms/receipts.ts`. */
const { values } = parseArgs({ options: { history: { type: "string", default: "10,10000,1000000" } } });
const MESSAGES = 200;

const dataDir = await mkdtemp(join(tmpdir(), "lifecycle-bench-"));
await chmod(dataDir, 0o755);
const log = createLog({ name: "bench", level: "warn" });
const server = await startEmbeddedPostgres({ dataDir, log });
const database = createDatabase({ url: server.url, statementTimeoutMs: 0, log });
try {
  await migrateUp(database.db);
  await seedDemo(database.db);
  const rows = await measure(database.db, values.history.split(",").map(Number));
  const [first] = rows;
  const shown = rows.map((row) => ({
    ...row,
    ratio: Number((row.receiptMs / (first?.receiptMs ?? 1)).toFixed(2)),
  }));
  for (const row of shown) process.stdout.write(`${JSON.stringify(row)}\n`);
  process.stdout.write(await explainHotQueries(database.db));
  process.stdout.write(`${JSON.stringify({ rows: shown })}\n`);
} finally {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/**
 * Median milliseconds of a message with one receipt, and of reading the runway, on a run with each history: in turns,
 * so that a busy machine is busy for all of them.
 */
async function measure(db: Kysely<Database>, histories: readonly number[]) {
  const ports = {
    inbox: createInbox(db, async () => undefined),
    runs: createRunStore(db),
    clock: systemClock,
    priceOf: loadPrices(undefined),
    settings: { idempotencyTtlMs: 1, leaseMs: 1, providerMatrix: {}, calibrationGraceMs: 0 },
    meter: {
      runStarted: noop,
      runReplayed: noop,
      receipts: noop,
      usage: noop,
      runwayPushed: noop,
      invariantChecked: noop,
    },
    budgets: createBudgetStore(db),
    insights: createInsightStore(db),
    priors: createPriorStore(db),
  };
  const samples = [];
  for (const history of histories) {
    samples.push({
      history,
      run: await runWithHistory(db, history),
      receipt: [] as number[],
      runway: [] as number[],
    });
  }
  await sql`checkpoint`.execute(db);
  for (let index = 0; index < MESSAGES; index += 1) {
    for (const { history, run, receipt, runway } of samples) {
      const charge = {
        receiptId: `new-${index}`,
        taskId: run.openTaskIds[index % run.openTaskIds.length] ?? "0",
        laneId: run.laneId,
        provider: "gpt-4",
        tokens: 900,
        durationMs: 1000,
        costUsd: 0.01,
        echoCos: null,
        status: "succeeded" as const,
        occurredAt: new Date(),
      };
      const message = {
        messageId: `bench-${history}-${index}`,
        executorRunId: run.executorRunId,
        charges: [charge],
      };
      receipt.push(await timed(() => recordReceipts(ports, message)));
      runway.push(await timed(() => runwaysOf(ports, [run.projectId])));
    }
  }
  return samples.map(({ history, receipt, runway }) => ({
    history,
    receiptMs: median(receipt),
    runwayMs: median(runway),
    messages: MESSAGES,
  }));
}

async function runWithHistory(db: Kysely<Database>, receipts: number) {
  const { rows } = await sql<{ id: string }>`
    insert into plms.projects (tenant, name, budget_usd_max, created_by)
    values ('bench', ${`bench ${receipts}`}, 1000000, 'bench') returning id`.execute(db);
  const projectId = rows[0]?.id ?? "0";
  const lane = await db.selectFrom("plms.lanes").select("id").limit(1).executeTakeFirstOrThrow();
  await sql`
    insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, estimated_tokens,
      estimated_duration_ms, estimated_cost_usd)
    select ${projectId}, n, 'task ' || n, ${lane.id}, 'simple', 1000, 60000, 0.1 from generate_series(1, 1000) as n`.execute(
    db,
  );
  const executorRunId = `bench-run-${receipts}`;
  const { rows: runs } = await sql<{ id: string }>`
    insert into plms.project_runs (project_id, executor_run_id, kind, status, provider_matrix, tasks_total, created_by, started_at)
    values (${projectId}, ${executorRunId}, 'baseline', 'executing', '{}', 1000, 'bench', now() - interval '2 hours')
    returning id`.execute(db);
  const runId = runs[0]?.id ?? "0";
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select ${runId}, 'old-' || n, task.id, ${lane.id}, 'gpt-4', 900, 1000, 0.01, 'succeeded', now() - interval '90 minutes'
    from generate_series(1, ${receipts}::int) as n
    join plms.task_estimates as task on task.project_id = ${projectId} and task.order_index = 1 + n % 900`.execute(
    db,
  );
  await sql`
    update plms.project_runs set receipts_count = ${receipts}, usd_spent = ${receipts * 0.01} where id = ${runId}`.execute(
    db,
  );
  await sql`vacuum analyze plms.receipts`.execute(db);
  const { rows: open } = await sql<{ id: string }>`
    select id from plms.task_estimates where project_id = ${projectId} and order_index > 950`.execute(db);
  return { projectId, executorRunId, laneId: lane.id, openTaskIds: open.map(({ id }) => id) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(all: readonly number[]): number {
  return Number((all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0).toFixed(3));
}

function noop(): void {}
