import type { WorkOrder } from "./work-order.ts";

/** The fields of a snapshot in their order; the hash of a schema tells which of them a stored snapshot has. */
const V1_FIELDS = [
  "number",
  "hullId",
  "productSku",
  "qty",
  "status",
  "priority",
  "plannedStartDate",
  "plannedFinishDate",
  "routingVersionId",
  "currentStageIndex",
  "specSnapshot",
  "routingVersion",
] as const;

const V2_FIELDS = [
  ...V1_FIELDS,
  "dataSource",
  "plmCorrelationId",
  "plmSchemaVersion",
  "payloadSha256",
  "projectId",
  "heldFrom",
] as const;

/** Every schema that snapshots were ever written with, the newest last; never edited, only added to. */
export const SNAPSHOT_SCHEMAS = [
  { version: 1, fields: V1_FIELDS },
  { version: 2, fields: V2_FIELDS },
] as const;

export type WorkOrderSnapshot = Record<(typeof V2_FIELDS)[number], unknown>;

/** The text whose SHA-256 is the schema's hash. */
export const schemaText = (schema: (typeof SNAPSHOT_SCHEMAS)[number]): string =>
  JSON.stringify({ version: schema.version, fields: schema.fields });

/** The whole order as plain data, in the schema of today. */
export function snapshotOf(order: WorkOrder): WorkOrderSnapshot {
  const { spec, progress, origin } = order;
  const { routingVersion, ...specSnapshot } = spec;
  return {
    number: order.number,
    hullId: order.hullId,
    productSku: order.productSku,
    qty: order.qty,
    status: progress.status.toUpperCase(),
    priority: order.priority.toUpperCase(),
    plannedStartDate: order.plannedStartAt?.toISOString() ?? null,
    plannedFinishDate: order.plannedFinishAt?.toISOString() ?? null,
    routingVersionId: spec.routingVersionId,
    currentStageIndex: progress.stageIndex,
    specSnapshot,
    routingVersion: { ...routingVersion, stages: spec.stages.map(({ id: _id, ...stage }) => stage) },
    dataSource: origin.dataSource.toUpperCase(),
    plmCorrelationId: origin.plmCorrelationId,
    plmSchemaVersion: origin.plmSchemaVersion,
    payloadSha256: origin.payloadSha256,
    projectId: order.projectId,
    heldFrom: progress.heldFrom?.toUpperCase() ?? null,
  };
}

/** The fields whose values differ, by name. */
export function changesBetween(
  before: WorkOrderSnapshot,
  after: WorkOrderSnapshot,
): Record<string, { from: unknown; to: unknown }> {
  const changed = V2_FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }]));
}
