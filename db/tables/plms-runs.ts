import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type {
  Bigint,
  BigintId,
  Numeric,
  Timestamp,
  NullableBigint,
  NullableTimestamp,
  JSONColumnTypeOfScalar,
} from "./columns.ts";

export interface ProjectRunTable {
  id: BigintId;
  project_id: Bigint;
  /** The executor's own id, null until it accepted the job. */
  executor_run_id: string | null;
  kind: "baseline" | "rehearsal" | "replay" | "hotfix";
  status:
    | "submitting"
    | "executing"
    | "paused"
    | "validating"
    | "completed"
    | "needs_review"
    | "failed"
    | "cancelled";
  rehearsal_pct: number | null;
  sample_seed: number | null;
  write_sandbox: Generated<boolean>;
  /** True when no executor was asked. */
  is_observed: Generated<boolean>;
  validation_pass: boolean | null;
  provider_matrix: JSONColumnType<Record<string, string>>;
  tasks_total: number;
  tasks_completed: Generated<number>;
  tasks_failed: Generated<number>;
  usd_spent: Numeric;
  tokens_spent: Bigint;
  /** Sum of the estimates of the tasks that have a receipt. */
  estimated_usd_done: Numeric;
  /** Decayed sum of the costs, as of `burn_at`: the state of the exponentially weighted burn. */
  burn_usd: Generated<number>;
  burn_at: NullableTimestamp;
  receipts_count: Bigint;
  version: Bigint;
  created_by: string;
  created_at: Timestamp;
  started_at: NullableTimestamp;
  completed_at: NullableTimestamp;
  /** Why the run is in its state, when somebody or something decided so. */
  status_reason: string | null;
  strata_coverage: number | null;
  budget_tokens: ColumnType<string | null, string | number | null | undefined, string | number | null>;
  budget_duration_minutes: number | null;
  /** When the run was stopped for being over its own limits; once is enough. */
  caps_enforced_at: NullableTimestamp;
  paused_at: NullableTimestamp;
  /** Time spent in pauses that are over, in milliseconds. */
  paused_ms: Generated<number>;
  /** When the executor was last asked how the run is. */
  checked_at: NullableTimestamp;
  /** True when a person let the run pass; then the three below say why, who and when. */
  validation_pass_override: boolean | null;
  override_reason: string | null;
  overridden_by: string | null;
  overridden_at: NullableTimestamp;
}

export interface KpiReceiptTable {
  id: BigintId;
  run_id: Bigint;
  lane_id: number;
  /** Null when the gate was the lane's. */
  task_id: ColumnType<string | null, string | null, string | null>;
  kpi_name: string;
  operator: string;
  threshold: JSONColumnTypeOfScalar;
  value: JSONColumnTypeOfScalar;
  pass: boolean;
  detail: string;
  is_advisory: Generated<boolean>;
  measured_at: Timestamp;
}

export interface RunPassportTable {
  run_id: Bigint;
  provider_matrix: JSONColumnType<Record<string, string>>;
  capabilities: JSONColumnType<Record<string, unknown>>;
  prd_sha: string;
  prd_source: "document" | "definition";
  git_commit: string;
  runtime_version: string;
  os: string;
  created_at: Timestamp;
}

export interface ReceiptTable {
  id: BigintId;
  run_id: Bigint;
  receipt_id: string;
  task_id: Bigint;
  lane_id: number;
  provider: string;
  tokens: Bigint;
  duration_ms: number;
  cost_usd: Numeric;
  echo_cos: number | null;
  status: "succeeded" | "failed" | "skipped";
  occurred_at: Timestamp;
  received_at: Timestamp;
  model: string | null;
  /** These two are there or none of the tokens by kind is. */
  input_tokens: NullableBigint;
  output_tokens: NullableBigint;
  cache_read_tokens: NullableBigint;
  cache_write_tokens: NullableBigint;
  reasoning_tokens: NullableBigint;
  /** By the price table of `price_version`; null with a reason, or without a usage. */
  priced_usd: ColumnType<string | null, string | null | undefined, string | null>;
  price_version: string | null;
  unpriced_reason: "no_model" | "unknown_model" | "no_price_then" | null;
}

/** Usage that became no receipt, and why. */
export interface UsageRefusalTable {
  id: BigintId;
  tenant: string;
  source: "otlp" | "litellm";
  event_id: string;
  reason: "invalid" | "no_cost" | "no_project" | "no_task" | "not_observed" | "unknown_run" | "unknown_task";
  detail: string;
  told_at: Timestamp;
}

/** Receipts that came again with other figures; the first that came counts. */
export interface ReceiptConflictTable {
  id: BigintId;
  run_id: Bigint;
  receipt_id: string;
  kept_task_id: Bigint;
  kept_tokens: Bigint;
  kept_usd: Numeric;
  told_task_id: Bigint;
  told_tokens: Bigint;
  told_usd: Numeric;
  times: Generated<number>;
  first_told_at: Timestamp;
  last_told_at: Timestamp;
}

/** The receipts of a run by the lane of their task; `ratio_*` are moments of ln(actual / estimated cost) per task. */
export interface RunLaneTable {
  run_id: Bigint;
  lane_id: number;
  tasks: Generated<number>;
  usd_spent: Numeric;
  tokens_spent: Bigint;
  duration_ms_spent: Generated<number>;
  estimated_usd: Numeric;
  estimated_usd_squared: Generated<number>;
  estimated_tokens: Bigint;
  estimated_duration_ms: Generated<number>;
  overrun_tasks: Generated<number>;
  ratio_count: Generated<number>;
  ratio_sum: Generated<number>;
  ratio_squares: Generated<number>;
  ratio_cubes: Generated<number>;
  /** Of the tasks that have a ratio, by their place in the order of execution. */
  order_sum: Generated<number>;
  order_squares: Generated<number>;
  order_ratios: Generated<number>;
  echo_count: Generated<number>;
  echo_sum: Generated<number>;
  echo_least: number | null;
  /** Of the receipts that tell their usage: what they cost by the price table, and what was charged for the same ones. */
  receipts: Bigint;
  priced_receipts: Bigint;
  unpriced_receipts: Bigint;
  priced_usd: Numeric;
  priced_charged_usd: Numeric;
}

/** What a task was charged in a run, over all its receipts. */
export interface RunTaskTable {
  run_id: Bigint;
  task_id: Bigint;
  usd_spent: Numeric;
  has_succeeded: boolean;
  has_failed: boolean;
}

/** Costs by slice of the run's clock; refunds count in `usd` alone. */
export interface RunBurnSliceTable {
  run_id: Bigint;
  slice: Bigint;
  usd: number;
  usd_charged: number;
  usd_squares: number;
}

export interface CalibrationTable {
  run_id: Bigint;
  outcome: "included" | "excluded";
  reason: string | null;
  /** Newest receipt that was looked at. */
  receipts_through: Bigint;
  outliers: Generated<number>;
  calibrated_at: Date;
  /** True when receipts came after it was learnt from. */
  is_stale: Generated<boolean>;
}

export interface CalibrationObservationTable {
  run_id: Bigint;
  tenant: string;
  lane_id: number | null;
  provider: string | null;
  tasks: number;
  observation: JSONColumnType<object>;
  completed_at: Date;
}

export interface EstimateVersionTable {
  id: BigintId;
  tenant: string;
  lane_id: number | null;
  provider: string | null;
  source_run_id: Bigint;
  project_id: Bigint;
  n_observations: number;
  tokens_mean: number;
  tokens_stddev: number;
  duration_ms_mean: number;
  duration_ms_stddev: number;
  cost_usd_mean: number;
  cost_usd_stddev: number;
  mean_absolute_error_tokens: number;
  mean_absolute_error_duration_ms: number;
  /** The whole prior, from which the next one follows. */
  state: JSONColumnType<object>;
  /** SHA-256 of the state. */
  priors_hash: string;
  /** Completion of the newest run in it. */
  last_completed_at: Date;
  created_at: Date;
}

/** A pause of a run; null ends while it lasts. */
export interface RunPauseTable {
  run_id: Bigint;
  began_at: Date;
  ended_at: NullableTimestamp;
  reason: string | null;
}
