import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { Client } from "pg";
import { SECRETS } from "../../fleet/fleet.ts";
import { answers, endProcess, freePorts } from "../../fleet/processes.ts";
import { signWebhook } from "../../lib/webhook-signature.ts";

const SERVER = process.env["DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** The PLMS of a checkout, running on a database of its own. */
export interface RunningPlms {
  name: string;
  url: string;
  child: ChildProcess;
  admin: Client;
  /** Ends the process and drops the database. */
  close: () => Promise<void>;
}

/**
 * Starts the PLMS of a side, `NAME=CHECKOUT` as in `before=../other`, on a new database on the server of DATABASE_URL.
 *
 * @throws Error naming the side, when its migrations fail or its process ends before it is ready; nothing is left then
 */
export async function startPlmsOf(
  side: string,
  { purpose, env = {} }: { purpose: string; env?: Record<string, string> },
): Promise<RunningPlms> {
  const [name = "", path = "."] = side.split("=");
  const root = resolve(path);
  const database = `lifecycle_${purpose}_${process.pid}_${name}`;
  await onServer(`create database ${database}`);
  const databaseUrl = Object.assign(new URL(SERVER), { pathname: `/${database}` }).href;
  const [port = 0] = await freePorts(1);
  const environment = {
    ...process.env,
    ...SECRETS,
    DATABASE_URL: databaseUrl,
    PORT: String(port),
    LOG_LEVEL: "warn",
    PAS_BASE_URL: "http://127.0.0.1:9",
    ...env,
  };
  const run = (entry: string, ...args: string[]) =>
    spawn(process.execPath, [resolve(root, entry), ...args], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
  const url = `http://127.0.0.1:${port}`;
  const admin = new Client({ connectionString: databaseUrl });
  let child: ChildProcess | undefined;
  const close = async () => {
    if (child) await endProcess(child, "SIGTERM");
    await admin.end();
    await onServer(`drop database ${database} with (force)`);
  };
  try {
    const [code] = (await once(run("db/migrate-cli.ts", "up"), "exit")) as [number];
    if (code !== 0) throw new Error(`${name}: the migrations failed`);
    await admin.connect();
    child = run("subgraphs/plms/main.ts");
    while (!(await answers(`${url}/readyz`))) {
      if (child.exitCode !== null) throw new Error(`${name}: the process ended`);
      await new Promise((done) => setTimeout(done, 100));
    }
    return { name, url, child, admin, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function onServer(statement: string): Promise<void> {
  const server = new Client({ connectionString: SERVER });
  await server.connect();
  await server.query(statement);
  await server.end();
}

interface BenchRun {
  executorRunId: string;
  lanes: readonly number[];
  tasks: number;
  budgetUsd: number;
  estimatedUsd: number;
}

/** A run of a project of its own, as if the executor had taken it an hour ago; its tasks take turns through the lanes. */
export async function insertRun(
  admin: Client,
  { executorRunId, lanes, tasks, budgetUsd, estimatedUsd }: BenchRun,
): Promise<{ executorRunId: string; projectId: string; taskIds: string[]; runId: string }> {
  await admin.query(
    "insert into plms.lanes (id, name) select id, 'Lane ' || id from unnest($1::int[]) as id on conflict do nothing",
    [lanes],
  );
  const project = await admin.query<{ id: string }>(
    `insert into plms.projects (tenant, name, budget_usd_max, status, created_by)
     values ('default', $1, $2, 'executing', 'bench') returning id`,
    [executorRunId, budgetUsd],
  );
  const projectId = project.rows[0]?.id ?? "0";
  const inserted = await admin.query<{ id: string }>(
    `insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, estimated_tokens,
       estimated_duration_ms, estimated_cost_usd)
     select $1, n, 'task ' || n, ($2::int[])[1 + (n - 1) % cardinality($2::int[])], 'simple', 3000, 120000, $3
     from generate_series(1, $4::int) as n returning id`,
    [projectId, lanes, estimatedUsd, tasks],
  );
  const { rows } = await admin.query<{ id: string }>(
    `insert into plms.project_runs (project_id, executor_run_id, kind, status, provider_matrix, tasks_total, created_by, started_at)
     values ($1, $2, 'baseline', 'executing', '{"gpt-4":"0613"}', $3, 'bench', now() - interval '1 hour') returning id`,
    [projectId, executorRunId, tasks],
  );
  return { executorRunId, projectId, taskIds: inserted.rows.map(({ id }) => id), runId: rows[0]?.id ?? "0" };
}

/** Sends a webhook as the executor would. */
export async function postWebhook(url: string, id: string, body: string): Promise<Response> {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signed = signWebhook(SECRETS.WEBHOOK_SECRET_PAS, { id, timestampSeconds, body });
  const headers = { "content-type": "application/json", ...signed };
  return fetch(url, { method: "POST", headers, body });
}
