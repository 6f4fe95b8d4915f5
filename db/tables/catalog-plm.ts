import type { Generated, JSONColumnType } from "kysely";
import type { Bigint, BigintId, NullableTimestamp } from "./columns.ts";

export interface CircuitTransitionTable {
  id: BigintId;
  circuit: string;
  from_state: CircuitStateColumn;
  to_state: CircuitStateColumn;
  cause: string | null;
  at: Date;
}

type CircuitStateColumn = "closed" | "open" | "half_open" | "isolated";

export interface CircuitStateTable {
  circuit: string;
  state: CircuitStateColumn;
  cause: string | null;
  openings: number;
  opened_at: NullableTimestamp;
  probe_at: NullableTimestamp;
  version: Bigint;
  changed_at: Date;
}

type PlmModeColumn = "disabled" | "shadow" | "enabled";

type PlmModeCauseColumn = "environment" | "person" | "rollback" | "automatic";

export interface PlmConfigTable {
  id: Generated<number>;
  mode: PlmModeColumn;
  models: JSONColumnType<string[]>;
  /** The environment's own wish when the row was written: a new wish overrules the row. */
  environment: string;
  cause: PlmModeCauseColumn;
  reason: string;
  changed_by: string;
  changed_at: Date;
  version: Bigint;
}

export interface PlmModeChangeTable {
  version: Bigint;
  from_mode: "disabled" | "shadow" | "enabled" | null;
  to_mode: PlmModeColumn;
  models: JSONColumnType<string[]>;
  cause: PlmModeCauseColumn;
  reason: string;
  changed_by: string;
  changed_at: Date;
  correlation_id: string | null;
}

export interface PlmCounterTable {
  /** The minute's beginning. */
  minute: Date;
  metric: string;
  label: string;
  count: Bigint;
}

export interface ShadowDiffTable {
  id: BigintId;
  /** SHA-256 of model, path and both values: the same difference is one row however often it is seen. */
  fingerprint: string;
  model_code: string;
  path: string;
  kind: "value" | "missing_in_plm" | "missing_in_mrp";
  severity: "critical" | "major" | "minor";
  mrp_value: string | null;
  plm_value: string | null;
  occurrences: Bigint;
  first_seen_at: Date;
  last_seen_at: Date;
  correlation_id: string | null;
  classification: "expected" | "plm_wrong" | "mrp_wrong" | "mapping_wrong" | null;
  note: string | null;
  acknowledged_by: string | null;
  acknowledged_at: NullableTimestamp;
}

export interface PlmAlertTable {
  id: BigintId;
  kind: string;
  severity: "info" | "warning" | "critical";
  state: "firing" | "resolved" | "acknowledged";
  message: string;
  subject: string | null;
  value: number | null;
  threshold: number | null;
  raised_at: Date;
  resolved_at: NullableTimestamp;
  acknowledged_at: NullableTimestamp;
  acknowledged_by: string | null;
}

export interface PlmIssueTable {
  id: BigintId;
  work_order_id: string | null;
  message: string;
  reported_by: string;
  correlation_id: string;
  reported_at: Date;
}

export interface PlmWebhookTable {
  webhook_id: string;
  received_at: Date;
}

/** What the latest answer about a subject had beside what was taken from it. */
export interface PlmLeftoverTable {
  /** `catalogue`, or the code of a model. */
  subject: string;
  kind: "rejected" | "unknown_field";
  place: string;
  reason: string;
  count: Bigint;
  seen_at: Date;
}

export interface ModelComparisonTable {
  model_code: string;
  /** When its bill of materials was last compared. */
  compared_at: NullableTimestamp;
  /** When a comparison last failed. */
  failed_at: NullableTimestamp;
  failure: string | null;
}
