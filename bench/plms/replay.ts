import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { SECRETS } from "../../fleet/fleet.ts";
import { answers, endProcess, freePorts } from "../../fleet/processes.ts";
import { signWebhook } from "../../lib/webhook-signature.ts";
import { readEventLog, RECORDED, retold, totalsOf } from "./event-log.ts";

/**
 * Tells builds the recorded webhooks of one run, as they came and with the completion first, and prints what each makes of
 * them beside what the log adds up to: `node run.cjs bench/plms/replay.ts --side before=../other-checkout --side now=.`
 */
const { values } = parseArgs({ options: { side: { type: "string", multiple: true, default: ["now=."] } } });
const SERVER = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const log = readEventLog();

process.stdout.write(`${JSON.stringify({ side: "the log", ...totalsOf(log) })}\n`);
for (const side of values.side) {
  const [name = "", path = "."] = side.split("=");
  await replayOn(name, resolve(path));
}

async function replayOn(name: string, root: string): Promise<void> {
  const database = `lifecycle_replay_${process.pid}_${name}`;
  const server = new Client({ connectionString: SERVER });
  await server.connect();
  await server.query(`create database ${database}`);
  const databaseUrl = Object.assign(new URL(SERVER), { pathname: `/${database}` }).href;
  const [port = 0] = await freePorts(1);
  const env = {
    ...process.env,
    ...SECRETS,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    LOG_LEVEL: "warn",
    PAS_BASE_URL: "http://127.0.0.1:9",
  };
  const run = (entry: string, ...args: string[]) =>
    spawn(process.execPath, [resolve(root, entry), ...args], { cwd: root, env, stdio: "ignore" });
  await once(run("db/migrate-cli.ts", "up"), "exit");
  const child = run("subgraphs/plms/main.ts");
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();
  try {
    while (!(await answers(`http://127.0.0.1:${port}/readyz`))) {
      if (child.exitCode !== null) throw new Error(`${name}: the process ended`);
      await new Promise((done) => setTimeout(done, 100));
    }
    for (const order of ["as it came", "the completion first"] as const) {
      const to = await insertRun(admin, order);
      const messages = retold(log, to);
      const statuses: number[] = [];
      for (const { path, id, body } of order === "as it came" ? messages : messages.toReversed())
        statuses.push(await post(`http://127.0.0.1:${port}${path}`, id, JSON.stringify(body)));
      const { rows } = await admin.query<object>(
        `select receipts_count::int as receipts, round(usd_spent * 1000000)::int as "usdMicro", tokens_spent::int as tokens,
           tasks_completed as "tasksCompleted", tasks_failed as "tasksFailed", status from plms.project_runs where id = $1`,
        [to.runId],
      );
      const refused = statuses.filter((status) => status !== 202).length;
      process.stdout.write(`${JSON.stringify({ side: name, order, ...rows[0], refused })}\n`);
    }
  } finally {
    await endProcess(child, "SIGTERM");
    await admin.end();
    await server.query(`drop database ${database} with (force)`);
    await server.end();
  }
}

async function post(url: string, id: string, body: string): Promise<number> {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signed = signWebhook(SECRETS.WEBHOOK_SECRET_PAS, { id, timestampSeconds, body });
  const headers = { "content-type": "application/json", ...signed };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

async function insertRun(admin: Client, name: string) {
  await admin.query(
    "insert into plms.lanes (id, name) select id, 'Lane ' || id from unnest($1::int[]) as id on conflict do nothing",
    [RECORDED.lanes],
  );
  const project = await admin.query<{ id: string }>(
    `insert into plms.projects (tenant, name, budget_usd_max, status, created_by)
     values ('default', $1, 100, 'executing', 'bench') returning id`,
    [name],
  );
  const projectId = project.rows[0]?.id ?? "0";
  const tasks = await admin.query<{ id: string }>(
    `insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, estimated_tokens,
       estimated_duration_ms, estimated_cost_usd)
     select $1, n, 'task ' || n, ($2::int[])[1 + (n - 1) % ${RECORDED.lanes.length}], 'simple', 3000, 120000, $3
     from generate_series(1, $4::int) as n returning id`,
    [projectId, RECORDED.lanes, RECORDED.estimatedUsd, RECORDED.tasks],
  );
  const executorRunId = `replay-${projectId}`;
  const { rows } = await admin.query<{ id: string }>(
    `insert into plms.project_runs (project_id, executor_run_id, kind, status, provider_matrix, tasks_total, created_by, started_at)
     values ($1, $2, 'baseline', 'executing', '{"gpt-4":"0613"}', $3, 'bench', now() - interval '1 hour') returning id`,
    [projectId, executorRunId, RECORDED.tasks],
  );
  return { executorRunId, projectId, taskIds: tasks.rows.map(({ id }) => id), runId: rows[0]?.id ?? "0" };
}
