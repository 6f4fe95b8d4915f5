import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { sql, type Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { Fleet } from "../../fleet.ts";
import { waitFor } from "../../../lib/wait.ts";
import type { DrillContext } from "./drill.ts";
import type { Ledger } from "./traffic.ts";

const SETTLED_WITHIN_MS = 180_000;

interface Parties {
  fleet: Fleet;
  db: Kysely<Database>;
  databaseUrl: string;
}

/** Waits until nothing is under way, then holds everything that was acknowledged against what is stored. */
export async function checkLedger(
  { fleet, db, databaseUrl }: Parties,
  ledger: Ledger,
  report: DrillContext["report"],
): Promise<void> {
  report.figure("acknowledged starts", ledger.runs.size);
  report.figure("acknowledged work orders", ledger.orders.size);
  report.figure(
    "failed attempts, repeated",
    [...ledger.refusals.values()].reduce((sum, n) => sum + n, 0),
  );
  await waitFor(() => isQuiet(db), { timeoutMs: SETTLED_WITHIN_MS, what: "all runs and metrics to settle" });
  await checkRuns({ fleet, db }, ledger, report);
  await checkCalibrations(db, report);
  await checkOrders({ fleet, db }, ledger, report);
  await checkInvariants(databaseUrl, report);
}

async function isQuiet(db: Kysely<Database>): Promise<boolean> {
  const { rows } = await sql<{ open: string }>`
    select (select count(*) from plms.project_runs where status in ('submitting', 'executing', 'validating'))
      + (select count(*) from plms.project_runs as run where status = 'completed' and kind = 'baseline'
          and not exists (select from plms.calibrations where run_id = run.id))
      + (select count(*) from catalog.usage_events where status = 'pending') as open`.execute(db);
  return rows[0]?.open === "0";
}

async function checkRuns(
  { fleet, db }: Pick<Parties, "fleet" | "db">,
  { runs }: Ledger,
  report: DrillContext["report"],
): Promise<void> {
  const ids = new Set([...runs.values()].flatMap((set) => [...set]));
  const { rows } = await sql<{ id: string; executor_run_id: string; usd: string; tasks: number }>`
    select id, executor_run_id, usd_spent as usd, tasks_completed + tasks_failed as tasks
    from plms.project_runs where created_by = 'local-admin'`.execute(db);
  const stored = new Map(rows.map((row) => [row.id, row]));
  report.check(
    "no acknowledged run is lost",
    [...ids].every((id) => stored.has(id)),
    `${ids.size} of ${rows.length} stored`,
  );
  report.check("one run per key", ids.size === runs.size && rows.length === runs.size);
  const { runs: known } = await get<{ runs: PasRun[] }>(`${fleet.urls.pas}/pas/runs`);
  const atExecutor = new Map(known.map((run) => [run.run_id, run]));
  report.check("the executor started each once", known.length === rows.length, `${known.length} there`);
  const wrong = rows.filter(({ executor_run_id, usd, tasks }) => {
    const run = atExecutor.get(executor_run_id);
    return run === undefined || Math.abs(run.spend_usd - Number(usd)) > 1e-6 || run.tasks_completed !== tasks;
  });
  report.check("every receipt counted once", wrong.length === 0, `${wrong.length} runs differ`);
}

interface PasRun {
  run_id: string;
  spend_usd: number;
  tasks_completed: number;
}

async function checkCalibrations(db: Kysely<Database>, report: DrillContext["report"]): Promise<void> {
  const { rows } = await sql<{ twice: string; calibrated: string }>`
    select (select count(*) from plms.calibrations) as calibrated, (select count(*) from (
      select from plms.estimate_versions group by source_run_id, lane_id, provider having count(*) > 1)) as twice`.execute(
    db,
  );
  report.check("no run moved the priors twice", rows[0]?.twice === "0", `${rows[0]?.calibrated} calibrated`);
}

async function checkOrders(
  { fleet, db }: Pick<Parties, "fleet" | "db">,
  { orders }: Ledger,
  report: DrillContext["report"],
): Promise<void> {
  const ids = [...orders.values()].flatMap((set) => [...set]);
  const { rows } = await sql<{ id: string }>`
    select id from catalog.work_orders where created_by = 'local-admin'`.execute(db);
  const stored = new Set(rows.map(({ id }) => id));
  const lost = ids.filter((id) => !stored.has(id));
  report.check("no acknowledged work order is lost", lost.length === 0, `${stored.size} stored`);
  report.check("one work order per key", ids.length === orders.size && stored.size === orders.size);
  const { rows: usage } = await sql<{ events: string; dead: string }>`
    select count(*) as events, count(*) filter (where status = 'dead') as dead from catalog.usage_events`.execute(
    db,
  );
  const counted = await get<{ events: number; duplicates: number }>(`${fleet.urls.plm}/_usage`);
  report.check(
    "the PLM counted every usage event exactly once",
    String(counted.events) === usage[0]?.events && usage[0].dead === "0",
    `${usage[0]?.events} sent, ${counted.events} counted, ${counted.duplicates} came again`,
  );
}

async function checkInvariants(databaseUrl: string, report: DrillContext["report"]): Promise<void> {
  const env = { PATH: process.env["PATH"], DATABASE_URL: databaseUrl, LOG_LEVEL: "silent" };
  const outcome = await promisify(execFile)(process.execPath, ["subgraphs/plms/invariants.ts", "--strict"], {
    env,
  }).then(
    () => "",
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
  report.check("all invariants hold", outcome === "", outcome || undefined);
}

export async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return (await response.json()) as T;
}
