import type { Generated, JSONColumnType } from "kysely";
import type { Bigint, NullableJson, NullableTimestamp, Timestamp } from "./columns.ts";

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
  /** Exact decimal text. */
  quantity: Generated<string>;
  /** UNECE Recommendation 20. */
  unit: Generated<string>;
  is_required: Generated<boolean>;
  /** What most parts do not have: revision, effectivity, the parts they are made of; null for none of that. */
  details: NullableJson;
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
  /** Null where `content_hash` names a document; revisions from before there were any hold it themselves. */
  content: NullableJson;
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
  /** When the product tables were archived and removed; null while they are there. */
  archived_at: NullableTimestamp;
}

/** Ids of the products of the MRP as they were when the PLM was put in charge. */
export interface ProductIdTable {
  model_code: string;
  model_id: string;
  /** Ids by code. */
  trims: JSONColumnType<Record<string, string>>;
  /** Ids by address. */
  options: JSONColumnType<Record<string, string>>;
}

/** Where a part is used in the latest revision of a model. */
export interface PartUseTable {
  model_code: string;
  path: string;
  part_number: string;
  trim_code: string | null;
  line: JSONColumnType<object>;
}
