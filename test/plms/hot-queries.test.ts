import { Kysely, type CompiledQuery, PostgresDialect, sql } from "kysely";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../db/tables.ts";
import { createCalibrationStore } from "../../subgraphs/plms/adapters/calibration-store.ts";
import { createPortfolioStore } from "../../subgraphs/plms/adapters/portfolio-store.ts";
import { factoryPrior } from "../../subgraphs/plms/domain/prior.ts";
import { estimationDrift } from "../../subgraphs/plms/operations/estimation-drift.ts";
import { priorHistories } from "../../subgraphs/plms/operations/list-priors.ts";
import { listReceipts } from "../../subgraphs/plms/operations/list.ts";
import { loadPriors } from "../../subgraphs/plms/operations/priors.ts";
import { projectMetrics } from "../../subgraphs/plms/operations/project-metrics.ts";
import { recordReceipts } from "../../subgraphs/plms/operations/record-receipts.ts";
import { riskHeatmap } from "../../subgraphs/plms/operations/risk-heatmap.ts";
import { runwaysOf } from "../../subgraphs/plms/operations/runways-of.ts";
import { simulateProject } from "../../subgraphs/plms/operations/simulate-project.ts";
import { startProject } from "../../subgraphs/plms/operations/start-project.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { readsOf } from "../support/query-plans.ts";
import { insertRun, type InsertedRun } from "./fixtures.ts";
import { codeOf, createTestPorts } from "./support.ts";

/** What has been, of which no question may read more than it asks for. */
const HISTORY = 20_000;
/** Rows of history that one statement may look at: a page, a few keys, a message. */
const MOST_ROWS = 120;
const GROWING = new Set([
  "receipts",
  "estimate_versions",
  "calibration_observations",
  "webhook_inbox",
  "idempotency_keys",
]);

let database: TestDatabase;
let run: InsertedRun;
let watched: Kysely<Database>;
const statements: CompiledQuery[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  run = await insertRun(database, {}, { tasks: Array.from({ length: 40 }, () => "simple" as const) });
  await insertHistory(database.db, run);
  watched = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: database.url }) }),
    log: (event) => {
      if (event.level === "query") statements.push(event.query);
    },
  });
});
afterAll(async () => {
  await watched.destroy();
  await database.close();
});

/** One task that was charged again and again, priors with as many versions, and messages that were heard. */
async function insertHistory(db: Kysely<Database>, { id, projectId, taskIds }: InsertedRun): Promise<void> {
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select ${id}, 'old-' || n, ${taskIds[0]}::bigint, 4200, 'gpt-4', 900, 1000, 0.01, 'failed', now() - interval '5 minutes'
    from generate_series(1, ${HISTORY}::int) as n`.execute(db);
  await sql`
    insert into plms.run_tasks values (${id}, ${taskIds[0]}, ${HISTORY * 0.01}, false, true)`.execute(db);
  await sql`
    insert into plms.run_lanes (run_id, lane_id, tasks, usd_spent) values (${id}, 4200, 1, ${HISTORY * 0.01})`.execute(
    db,
  );
  await sql`
    update plms.project_runs set receipts_count = ${HISTORY}, usd_spent = ${HISTORY * 0.01}, tasks_failed = 1
    where id = ${id}`.execute(db);
  await sql`insert into plms.calibrations (run_id, outcome, receipts_through, calibrated_at) values (${id}, 'included', 0, now())`.execute(
    db,
  );
  await sql`
    insert into plms.project_runs (project_id, kind, status, provider_matrix, tasks_total, created_by, completed_at)
    select ${projectId}, 'hotfix', 'completed', '{}', 1, 'test', now() - n * interval '1 hour' from generate_series(1, 2000) as n`.execute(
    db,
  );
  await sql`
    insert into plms.calibrations (run_id, outcome, receipts_through, calibrated_at)
    select id, 'included', 0, now() from plms.project_runs where kind = 'hotfix'`.execute(db);
  await sql`
    insert into plms.receipts (run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, status, occurred_at)
    select id, 'other-' || n, ${taskIds[1]}::bigint, 4200, 'gpt-4', 900, 1000, 0.01, 'succeeded', now() - interval '1 day'
    from plms.project_runs cross join generate_series(1, 20) as n where kind = 'hotfix'`.execute(db);
  await sql`
    insert into plms.calibration_observations (run_id, tenant, lane_id, provider, tasks, observation, completed_at)
    select run_id, 'default', 4200, provider, 1, '{"tokens": {"logRatio": 0.1}}', now() - run_id * interval '1 hour'
    from plms.calibrations cross join (values (null), ('gpt-4'), ('a'), ('b'), ('c')) as of (provider)`.execute(
    db,
  );
  await sql`
    insert into plms.estimate_versions (tenant, lane_id, provider, source_run_id, project_id, n_observations, tokens_mean,
      tokens_stddev, duration_ms_mean, duration_ms_stddev, cost_usd_mean, cost_usd_stddev, mean_absolute_error_tokens,
      mean_absolute_error_duration_ms, state, priors_hash, last_completed_at, created_at)
    select 'default', lane, provider, ${id}, ${projectId}, n, 1, 1, 1, 1, 1, 1, 1, 1, ${PRIOR}::jsonb, '', now(),
      now() - (${HISTORY}::int - n) * interval '1 minute'
    from generate_series(1, ${HISTORY / 4}::int) as n
    cross join (values (4200, null), (4200, 'gpt-4'), (null, 'gpt-4'), (4200, 'other')) as of (lane, provider)`.execute(
    db,
  );
  await sql`
    insert into plms.webhook_inbox (webhook_id, kind) select 'old-' || n, 'receipts' from generate_series(1, ${HISTORY}::int) as n`.execute(
    db,
  );
  await sql`
    insert into plms.idempotency_keys (tenant, principal, operation, key, fingerprint, locked_until, expires_at)
    select 'default', 'ada', 'startProject', 'old-' || n, '', now(), now() + interval '1 day'
    from generate_series(1, ${HISTORY}::int) as n`.execute(db);
  await sql`vacuum analyze`.execute(db);
}

/** Transactions and inserts of given values read nothing. */
const READS = /^\s*(with|select|update|delete|insert\b.*\bselect)\b/is;

const PRIOR = JSON.stringify({ ...factoryPrior(), observations: 1 });

/** What statements would read of the tables that grow, were they executed again; they are not. */
async function historyReadBy(queries: readonly CompiledQuery[]): Promise<string[]> {
  const found: string[] = [];
  const isOver = codeOf(
    database.db.transaction().execute(async (tx) => {
      for (const query of queries) {
        for (const { table, how, rows } of await readsOf(tx, query)) {
          const isTooMuch = GROWING.has(table) && (how === "Seq Scan" || rows > MOST_ROWS);
          if (isTooMuch) found.push(`${how} of ${rows} ${table}: ${query.sql.slice(0, 200)}`);
        }
      }
      throw new RolledBack();
    }),
  );
  await isOver.catch((error: unknown) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return found;
}

class RolledBack extends Error {}

describe(`with ${HISTORY} receipts of one task, and as many versions of priors, no more than is asked for is read`, () => {
  const ports = () => createTestPorts({ db: watched }, { baseUrl: "http://127.0.0.1:9" });
  const project = () => ({ id: run.projectId, tenant: "default" });
  const ada = { subject: "ada", tenant: "default", correlationId: "test" };
  const key = { laneId: 4200, provider: "gpt-4" };
  let messages = 0;
  const message = () => ({
    messageId: `new-${(messages += 1)}`,
    executorRunId: run.executorRunId,
    charges: [
      {
        receiptId: `new-${messages}`,
        taskId: run.taskIds[0] ?? "",
        laneId: 4200,
        provider: "gpt-4",
        tokens: 900,
        durationMs: 1000,
        costUsd: 0.01,
        echoCos: 0.9,
        status: "succeeded" as const,
        occurredAt: new Date(),
      },
    ],
  });

  const QUESTIONS: Record<string, (all: ReturnType<typeof ports>) => Promise<unknown>> = {
    "a receipt of a task that was charged often": (all) => recordReceipts(all, message()),
    "the budget runway": (all) => runwaysOf(all, [run.projectId]),
    "the metrics": (all) => projectMetrics(all, project(), { withIntervals: true }),
    "the portfolio": () => createPortfolioStore(watched).openLanes("default"),
    "the risk heatmap": (all) => riskHeatmap(all, run.projectId),
    "the drift of a lane": (all) => estimationDrift(all, "default", { laneId: 4200 }),
    "the drift of a provider": (all) => estimationDrift(all, "default", { laneId: 4200, provider: "gpt-4" }),
    "a page of receipts": (all) => listReceipts(all, [run.id], {}),
    "the history of a prior": (all) => priorHistories(all, { tenant: "default", keys: [key] }, {}),
    "the priors as of an earlier moment": (all) => loadPriors(all, "default", new Date()),
    "a simulation": (all) => simulateProject(all, ada, { projectId: run.projectId }),
    "a start": (all) =>
      codeOf(startProject(all, ada, { projectId: run.projectId, idempotencyKey: `new-${(messages += 1)}` })),
    "the newest version of a prior": () =>
      createCalibrationStore(watched).transaction((session) => session.newest("default", key)),
    "the newest version of a prior of any provider": () =>
      createCalibrationStore(watched).transaction((session) =>
        session.newest("default", { laneId: 4200, provider: null }),
      ),
  };

  test.each(Object.entries(QUESTIONS))("by %s", async (_name, question) => {
    statements.length = 0;
    await question(ports());
    const asked = statements.filter(({ sql: text }) => READS.test(text));
    expect(asked.length).toBeGreaterThan(0);
    expect(await historyReadBy(asked)).toEqual([]);
  });
});
