import type { ColumnType, Generated, JSONColumnType } from "kysely";

/**
 * Rows as `pg` returns them: bigint and numeric arrive as text, timestamptz as `Date`.
 * Ids of our own rows are bigint; they leave the process as opaque text.
 */
type Bigint = ColumnType<string, string | number | undefined, string | number>;
type BigintId = ColumnType<string, never, never>;
type Numeric = ColumnType<string, string | number | undefined, string | number>;
type Timestamp = ColumnType<Date, Date | undefined, Date>;
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;

export interface Database {
  "plms.lanes": LaneTable;
  "plms.projects": ProjectTable;
  "plms.project_products": ProjectProductTable;
  "plms.task_estimates": TaskEstimateTable;
  "plms.project_runs": ProjectRunTable;
  "plms.receipts": ReceiptTable;
  "plms.idempotency_keys": IdempotencyKeyTable;
  "plms.webhook_inbox": WebhookInboxTable;
  "catalog.departments": DepartmentTable;
  "catalog.work_centers": WorkCenterTable;
  "catalog.stations": StationTable;
  "catalog.routing_versions": RoutingVersionTable;
  "catalog.routing_stages": RoutingStageTable;
  "catalog.product_models": ProductModelTable;
  "catalog.product_trims": ProductTrimTable;
  "catalog.configuration_sections": ConfigurationSectionTable;
  "catalog.configuration_components": ConfigurationComponentTable;
  "catalog.configuration_options": ConfigurationOptionTable;
  "catalog.configuration_dependencies": ConfigurationDependencyTable;
  "catalog.circuit_transitions": CircuitTransitionTable;
}

interface LaneTable {
  id: number;
  name: string;
  max_concurrent: Generated<number>;
}

interface ProjectTable {
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
  created_by: string;
  created_at: Timestamp;
}

interface ProjectProductTable {
  project_id: Bigint;
  position: number;
  model_id: string;
  trim_id: string | null;
}

interface TaskEstimateTable {
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
}

interface ProjectRunTable {
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
  write_sandbox: Generated<boolean>;
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
}

interface ReceiptTable {
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
}

interface IdempotencyKeyTable {
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

interface WebhookInboxTable {
  webhook_id: string;
  kind: string;
  received_at: Timestamp;
}

interface DepartmentTable {
  id: string;
  name: string;
}

interface WorkCenterTable {
  id: string;
  name: string;
  department_id: string;
  is_active: Generated<boolean>;
}

interface StationTable {
  id: string;
  code: string;
  name: string;
  work_center_id: string;
  is_active: Generated<boolean>;
}

interface RoutingVersionTable {
  id: string;
  model: string;
  trim: string | null;
  version: Generated<number>;
  status: Generated<"draft" | "released">;
  released_at: NullableTimestamp;
}

interface RoutingStageTable {
  id: string;
  routing_version_id: string;
  sequence: number;
  code: string;
  name: string;
  enabled: Generated<boolean>;
  work_center_id: string;
  standard_stage_seconds: number;
}

interface ProductModelTable {
  id: string;
  code: string;
  name: string;
  description: string | null;
  is_active: Generated<boolean>;
  updated_at: Timestamp;
}

interface ProductTrimTable {
  id: string;
  model_id: string;
  code: string;
  name: string;
  description: string | null;
  sort_order: Generated<number>;
  is_active: Generated<boolean>;
}

interface ConfigurationSectionTable {
  id: string;
  model_id: string;
  trim_id: string | null;
  code: string;
  name: string;
  sort_order: Generated<number>;
  is_required: Generated<boolean>;
}

interface ConfigurationComponentTable {
  id: string;
  section_id: string;
  code: string;
  name: string;
  is_required: Generated<boolean>;
  allow_multiple: Generated<boolean>;
  sort_order: Generated<number>;
}

interface ConfigurationOptionTable {
  id: string;
  component_id: string;
  code: string;
  part_number: string | null;
  name: string;
  is_active: Generated<boolean>;
  is_default: Generated<boolean>;
  sort_order: Generated<number>;
}

interface ConfigurationDependencyTable {
  option_id: string;
  depends_on_option_id: string;
  dependency_type: "requires" | "excludes";
}

interface CircuitTransitionTable {
  id: BigintId;
  circuit: string;
  from_state: CircuitStateColumn;
  to_state: CircuitStateColumn;
  cause: string | null;
  at: Date;
}

type CircuitStateColumn = "closed" | "open" | "half_open" | "isolated";
