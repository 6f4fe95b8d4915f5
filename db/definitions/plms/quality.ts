import { sql, type Kysely } from "kysely";

/** KPIs by lane: what a run has to be like before it counts as done. See docs/decisions/0016. */
const GATES: readonly [laneId: number, kpi: string, operator: string, threshold: number | boolean][] = [
  [4200, "test_pass_rate", ">=", 0.9],
  [4200, "linter_pass", "==", true],
  [4201, "test_pass_rate", ">=", 0.95],
  [4201, "linter_pass", "==", true],
  [4202, "test_pass_rate", ">=", 0.9],
  [4202, "linter_pass", "==", true],
  [4203, "test_pass_rate", ">=", 0.9],
  [4203, "linter_pass", "==", true],
  [4204, "readability", "<=", 10],
  [5100, "schema_diff", "==", 0],
  [5100, "row_count_delta", "<=", 0.05],
  [5101, "row_count_delta", "<=", 0.1],
  [5102, "row_count_delta", "<=", 0.05],
  [6100, "bleu_score", ">=", 0.4],
  [6100, "readability", "<=", 12],
];

/** Gates of lanes and what was measured, how similar results have to be, and what people decided about quality. */
export async function createQuality(db: Kysely<unknown>): Promise<void> {
  await createKpis(db);
  await sql`
    create table plms.project_echo_gates (
      project_id bigint not null references plms.projects on delete cascade,
      lane_id integer not null references plms.lanes,
      min_cos double precision not null check (min_cos between -1 and 1),
      primary key (project_id, lane_id)
    )`.execute(db);
  await sql`
    create table plms.project_approvals (
      id bigint generated always as identity primary key,
      project_id bigint not null references plms.projects on delete cascade,
      run_id bigint references plms.project_runs on delete cascade,
      gate text not null check (gate in ('prd_review', 'budget_approval', 'quality_override', 'replan_request')),
      status text not null check (status in ('approved', 'rejected', 'pending')),
      approver text not null,
      reason text not null,
      correlation_id text not null,
      approved_at timestamptz not null
    )`.execute(db);
  await sql`create index project_approvals_by_project on plms.project_approvals (project_id, id)`.execute(db);
}

async function createKpis(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table plms.lane_gates (
      lane_id integer not null,
      kpi_name text not null,
      operator text not null,
      threshold jsonb not null,
      primary key (lane_id, kpi_name, operator)
    )`.execute(db);
  for (const [laneId, kpi, operator, threshold] of GATES) {
    await sql`
      insert into plms.lane_gates values (${laneId}, ${kpi}, ${operator}, ${JSON.stringify(threshold)})`.execute(
      db,
    );
  }
  await sql`
    create table plms.kpi_receipts (
      id bigint generated always as identity primary key,
      run_id bigint not null references plms.project_runs on delete cascade,
      lane_id integer not null,
      task_id bigint references plms.task_estimates on delete cascade,
      kpi_name text not null,
      operator text not null,
      threshold jsonb not null,
      value jsonb not null,
      pass boolean not null,
      detail text not null,
      measured_at timestamptz not null default now(),
      is_advisory boolean not null default false
    )`.execute(db);
  await sql`create index kpi_receipts_by_run on plms.kpi_receipts (run_id)`.execute(db);
  await sql`create index kpi_receipts_by_task on plms.kpi_receipts (task_id)`.execute(db);
  await sql`create index kpi_receipts_by_lane on plms.kpi_receipts (lane_id, kpi_name, pass)`.execute(db);
}
