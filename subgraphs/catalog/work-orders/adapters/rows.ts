import type { Selectable } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { writeCanonicalJson } from "../../../../lib/canonical-json.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import type { Progress } from "../domain/lifecycle.ts";
import type { WorkOrderSnapshot } from "../domain/snapshot.ts";
import { currentStage, type WorkOrder, type WorkOrderSpec } from "../domain/work-order.ts";
import type { WorkOrderVersion } from "../operations/ports.ts";

/** Rows as domain objects and back: the one place that knows the names of the columns. */
export type WorkOrderRow = Selectable<CatalogDatabase["catalog.work_orders"]>;

export const toWorkOrder = (row: WorkOrderRow): WorkOrder => ({
  id: row.id,
  number: row.number,
  tenant: row.tenant,
  modelId: row.model_id,
  trimId: row.trim_id,
  projectId: row.project_id,
  hullId: row.hull_id,
  productSku: row.product_sku,
  qty: row.qty,
  priority: row.priority,
  plannedStartAt: row.planned_start_at,
  plannedFinishAt: row.planned_finish_at,
  progress: toProgress(row),
  // Written by `changingColumns` alone.
  spec: row.spec_snapshot as unknown as WorkOrderSpec,
  origin: {
    dataSource: row.data_source,
    plmCorrelationId: row.plm_correlation_id,
    plmSchemaVersion: row.plm_schema_version,
    payloadSha256: row.payload_sha256,
  },
  versionNumber: row.version_number,
  createdBy: row.created_by,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

function toProgress({ status, held_from, current_stage_index: stageIndex }: WorkOrderRow): Progress {
  if (status !== "hold") return { status, heldFrom: null, stageIndex };
  return { status, heldFrom: held_from ?? "released", stageIndex };
}

type Changing = Pick<
  WorkOrder,
  | "trimId"
  | "hullId"
  | "productSku"
  | "qty"
  | "priority"
  | "plannedStartAt"
  | "plannedFinishAt"
  | "progress"
  | "spec"
>;

/** What an order was made for, as JSON: it may be long. */
export const textOf = (spec: WorkOrderSpec): Promise<string> => inSteps(writeCanonicalJson(spec));

/** The columns that a mutation may change, but for what the order was made for. */
export const changingColumns = (order: Changing) => ({
  trim_id: order.trimId,
  hull_id: order.hullId,
  product_sku: order.productSku,
  qty: order.qty,
  priority: order.priority,
  planned_start_at: order.plannedStartAt,
  planned_finish_at: order.plannedFinishAt,
  status: order.progress.status,
  held_from: order.progress.heldFrom,
  current_stage_index: order.progress.stageIndex,
  current_department_id: currentStage(order).departmentId,
  routing_version_id: order.spec.routingVersionId,
});

export const toVersion = (
  row: Selectable<CatalogDatabase["catalog.work_order_versions"]>,
): WorkOrderVersion => ({
  workOrderId: row.work_order_id,
  number: row.number,
  snapshot: row.snapshot as unknown as WorkOrderSnapshot,
  schemaHash: row.schema_hash,
  dataSource: row.data_source,
  plmCorrelationId: row.plm_correlation_id,
  plmSchemaVersion: row.plm_schema_version,
  payloadSha256: row.payload_sha256,
  reason: row.reason,
  createdBy: row.created_by,
  createdAt: row.created_at,
});
