import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type {
  Bigint,
  BigintId,
  Numeric,
  Timestamp,
  NullableTimestamp,
  JSONColumnTypeOfScalar,
} from "./columns.ts";

export interface LaneTable {
  id: number;
  name: string;
  max_concurrent: Generated<number>;
  /** By name the version. */
  providers: JSONColumnType<Record<string, string>, string | undefined>;
  is_from_file: Generated<boolean>;
}

export interface ProjectTable {
  id: BigintId;
  tenant: string;
  name: string;
  prd_path: string | null;
  status: Generated<
    | "pending"
    | "ideation"
    | "clarifying"
    | "planning"
    | "estimating"
    | "pending_approval"
    | "approved"
    | "executing"
    | "paused"
    | "validating"
    | "needs_review"
    | "completed"
    | "cancelled"
  >;
  budget_usd_max: ColumnType<string | null, string | number | null | undefined, string | number | null>;
  budget_tokens_max: ColumnType<string | null, string | number | null | undefined, string | number | null>;
  breach_policy: Generated<"pause" | "ask" | "kill">;
  warning_at: Generated<number>;
  critical_at: Generated<number>;
  echo_mode: Generated<"off" | "advisory" | "required">;
  min_echo_cos: Generated<number>;
  created_by: string;
  created_at: Timestamp;
}

/** A limit before and after somebody changed it; null for none. */
export interface BudgetChangeTable {
  id: BigintId;
  project_id: Bigint;
  changed_at: Date;
  usd_before: ColumnType<string | null, string | number | null, never>;
  usd_after: ColumnType<string | null, string | number | null, never>;
}

/** What a project has spent on a day in UTC; kept by a trigger. */
export interface ProjectDayTable {
  project_id: Bigint;
  day: Date;
  usd_spent: Numeric;
}

export interface ProjectProductTable {
  project_id: Bigint;
  position: number;
  model_id: string;
  trim_id: string | null;
}

export interface TaskEstimateTable {
  id: BigintId;
  project_id: Bigint;
  order_index: number;
  name: string;
  description: string | null;
  lane_id: number;
  complexity: "trivial" | "simple" | "moderate" | "complex" | "very_complex";
  status: Generated<"pending" | "in_progress" | "completed" | "failed" | "blocked">;
  estimated_tokens: number;
  estimated_duration_ms: number;
  estimated_cost_usd: Numeric;
  /** By KPI and operator the threshold. */
  kpi_formula: JSONColumnType<Record<string, Record<string, number | boolean>>> | null;
  /** Whose experience filled in what was not estimated; null when everything was. */
  estimate_source: "lane_provider" | "lane" | "provider" | "factory" | null;
  /** What the estimate says already of ln(actual / estimate) as earlier runs taught it. */
  learnt_tokens_log_ratio: Generated<number>;
  learnt_duration_log_ratio: Generated<number>;
  learnt_cost_log_ratio: Generated<number>;
}

export interface LaneGateTable {
  lane_id: number;
  kpi_name: string;
  operator: string;
  threshold: JSONColumnTypeOfScalar;
}

export interface ProjectRunwayTable {
  project_id: Bigint;
  status: "ok" | "warning" | "critical" | "unknown";
  clean_evaluations: Generated<number>;
  evaluated_at: Date;
}

export interface AlertTable {
  id: BigintId;
  tenant: string;
  project_id: Bigint;
  kind:
    | "runway_t15"
    | "runway_t5"
    | "overrun_20"
    | "overrun_likely"
    | "budget_exhausted"
    | "tokens_exhausted";
  /** One alert stands for each. */
  cause: "budget" | "tokens";
  /** The run and the budget that it is about. */
  period: string;
  severity: "info" | "warning" | "critical";
  state: "firing" | "resolved" | "acknowledged";
  message: string;
  value: number;
  threshold: number;
  raised_at: Date;
  resolved_at: NullableTimestamp;
}

export interface LaneOverrideTable {
  id: BigintId;
  task_id: Bigint;
  predicted_lane_id: number;
  corrected_lane_id: number;
  reason: string | null;
  corrected_by: string;
  corrected_at: Date;
  /** Who took it back; null while it stands. */
  removed_by: string | null;
  removed_at: Date | null;
}

export interface IdempotencyKeyTable {
  tenant: string;
  principal: string;
  operation: string;
  key: string;
  /** SHA-256 of the canonical input. */
  fingerprint: string;
  run_id: ColumnType<string | null, string | null | undefined, string | null>;
  /** Until when another caller may not take over. */
  locked_until: Date;
  created_at: Timestamp;
  expires_at: Date;
}

export interface WebhookInboxTable {
  webhook_id: string;
  kind: string;
  received_at: Timestamp;
}
