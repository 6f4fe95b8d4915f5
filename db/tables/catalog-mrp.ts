import type { Generated, JSONColumnType } from "kysely";
import type { Bigint, Timestamp, NullableTimestamp } from "./columns.ts";

export interface DepartmentTable {
  id: string;
  name: string;
}

export interface WorkCenterTable {
  id: string;
  name: string;
  department_id: string;
  is_active: Generated<boolean>;
}

export interface StationTable {
  id: string;
  code: string;
  name: string;
  work_center_id: string;
  is_active: Generated<boolean>;
}

export interface RoutingVersionTable {
  id: string;
  model: string;
  trim: string | null;
  version: Generated<number>;
  status: Generated<"draft" | "released">;
  released_at: NullableTimestamp;
}

export interface RoutingStageTable {
  id: string;
  routing_version_id: string;
  sequence: number;
  code: string;
  name: string;
  enabled: Generated<boolean>;
  work_center_id: string;
  standard_stage_seconds: number;
}

export interface ProductModelTable {
  id: string;
  code: string;
  name: string;
  description: string | null;
  is_active: Generated<boolean>;
  updated_at: Timestamp;
}

export interface ProductTrimTable {
  id: string;
  model_id: string;
  code: string;
  name: string;
  description: string | null;
  sort_order: Generated<number>;
  is_active: Generated<boolean>;
}

export interface ConfigurationSectionTable {
  id: string;
  model_id: string;
  trim_id: string | null;
  code: string;
  name: string;
  sort_order: Generated<number>;
  is_required: Generated<boolean>;
}

export interface ConfigurationComponentTable {
  id: string;
  section_id: string;
  code: string;
  name: string;
  is_required: Generated<boolean>;
  allow_multiple: Generated<boolean>;
  sort_order: Generated<number>;
}

export interface ConfigurationOptionTable {
  id: string;
  component_id: string;
  code: string;
  part_number: string | null;
  name: string;
  is_active: Generated<boolean>;
  is_default: Generated<boolean>;
  sort_order: Generated<number>;
}

export interface ConfigurationDependencyTable {
  option_id: string;
  depends_on_option_id: string;
  dependency_type: "requires" | "excludes";
}

export interface BomRevisionTable {
  model_code: string;
  revision: number;
  content_hash: string;
  content: JSONColumnType<object>;
  source: "mrp" | "plm";
  correlation_id: string | null;
  schema_version: string | null;
  recorded_at: Date;
}

export interface LegacyReadTable {
  tenant: string;
  caller: string;
  endpoint: string;
  /** Of `last_read_at` in UTC, like `2026-01-31`. */
  day: string;
  reads: Bigint;
  last_read_at: Date;
}

export interface ProductSourceTable {
  id: Generated<number>;
  plm_is_source_of_truth: boolean;
  /** Null while the legacy product API answers. */
  legacy_api_retired_at: NullableTimestamp;
}
