import type { ColumnType, Generated, JSONColumnType } from "kysely";
import type { Bigint, BigintId, Timestamp, NullableTimestamp } from "./columns.ts";

export interface ProductPayloadTable {
  /** Of the canonical JSON of the payload, in hexadecimal. */
  sha256: string;
  payload: JSONColumnType<Record<string, unknown>>;
  /** Documents that belong to the payload; null where it holds everything itself. */
  configuration_sha256: ColumnType<string | null, string | null | undefined, string | null>;
  /** Null for payloads whose configuration has the ids itself. */
  option_ids_sha256: ColumnType<string | null, string | null | undefined, string | null>;
  answer_sha256: ColumnType<string | null, string | null | undefined, string | null>;
  created_at: Timestamp;
}

/** A value as packed canonical JSON. */
export interface DocumentTable {
  sha256: string;
  gzip: Buffer;
  created_at: Date;
}

export interface WorkOrderTable {
  id: BigintId;
  tenant: string;
  number: Generated<string>;
  hull_id: string | null;
  product_sku: string;
  model_id: string;
  trim_id: string | null;
  project_id: string | null;
  qty: number;
  status: "planned" | "released" | "in_progress" | "hold" | "completed" | "closed" | "cancelled";
  /** Where `unhold` leads back to. */
  held_from: "planned" | "released" | "in_progress" | null;
  priority: "low" | "normal" | "high" | "critical";
  planned_start_at: NullableTimestamp;
  planned_finish_at: NullableTimestamp;
  routing_version_id: string;
  /** Position among the enabled stages of the spec snapshot. */
  current_stage_index: Generated<number>;
  current_department_id: string;
  spec_snapshot: JSONColumnType<Record<string, unknown>>;
  data_source: "mrp" | "plm";
  plm_correlation_id: string | null;
  plm_schema_version: string | null;
  payload_sha256: string;
  version_number: number;
  created_by: string;
  created_at: Date;
  updated_at: Date;
}

export interface WorkOrderVersionTable {
  work_order_id: Bigint;
  number: number;
  snapshot: JSONColumnType<Record<string, unknown>>;
  schema_hash: string;
  data_source: "mrp" | "plm";
  plm_correlation_id: string | null;
  plm_schema_version: string | null;
  payload_sha256: string;
  reason: string;
  created_by: string;
  created_at: Date;
}

export interface WorkOrderStageLogTable {
  id: BigintId;
  work_order_id: Bigint;
  stage_code: string;
  station_id: string;
  event: "start" | "pause" | "complete";
  good_qty: Generated<number>;
  scrap_qty: Generated<number>;
  note: string | null;
  actor: string;
  at: Date;
}

export interface WorkOrderKeyTable {
  tenant: string;
  principal: string;
  operation: string;
  key: string;
  /** SHA-256 of the canonical input. */
  fingerprint: string;
  work_order_id: ColumnType<string | null, string | null | undefined, string | null>;
  created_at: Timestamp;
  expires_at: Date;
}

export interface UsageBatchTable {
  id: BigintId;
  /** The idempotency key of every delivery of this batch. */
  key: string;
  status: Generated<"pending" | "closed">;
  attempts: Generated<number>;
  /** While a delivery is under way, when another process may take the batch over. */
  next_attempt_at: Date;
  last_error: string | null;
  created_at: Date;
}

export interface UsageEventTable {
  id: BigintId;
  event_id: string;
  type: string;
  work_order_id: Bigint;
  payload: JSONColumnType<Record<string, unknown>>;
  occurred_at: Date;
  status: Generated<"pending" | "delivered" | "dead">;
  batch_id: ColumnType<string | null, string | null | undefined, string | null>;
  settled_at: NullableTimestamp;
  last_error: string | null;
}
