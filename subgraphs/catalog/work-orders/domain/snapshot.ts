import type { WorkOrderStatus } from "./lifecycle.ts";
import type { WorkOrder, WorkOrderPriority, WorkOrderSpec } from "./work-order.ts";

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

/**
 * The order as a snapshot of it says; where its product came from stays as it is.
 *
 * @throws RangeError for a snapshot of another order
 */
export function restoredFrom(order: WorkOrder, snapshot: WorkOrderSnapshot): WorkOrder {
  if (snapshot.number !== order.number) throw new RangeError(`${order.number} has no such snapshot`);
  // Written by `snapshotOf` and never changed since.
  const kept = snapshot as unknown as KeptSnapshot;
  const { stages: _stages, ...routingVersion } = kept.routingVersion;
  const status = lower(kept.status);
  const stageIndex = kept.currentStageIndex;
  return {
    ...order,
    hullId: kept.hullId,
    productSku: kept.productSku,
    qty: kept.qty,
    priority: lower(kept.priority),
    plannedStartAt: kept.plannedStartDate === null ? null : new Date(kept.plannedStartDate),
    plannedFinishAt: kept.plannedFinishDate === null ? null : new Date(kept.plannedFinishDate),
    progress:
      status === "hold"
        ? { status, heldFrom: kept.heldFrom ? lower(kept.heldFrom) : "released", stageIndex }
        : { status, heldFrom: null, stageIndex },
    spec: { ...kept.specSnapshot, routingVersion },
  };
}

interface KeptSnapshot {
  hullId: string | null;
  productSku: string;
  qty: number;
  status: Uppercase<WorkOrderStatus>;
  priority: Uppercase<WorkOrderPriority>;
  plannedStartDate: string | null;
  plannedFinishDate: string | null;
  currentStageIndex: number;
  specSnapshot: Omit<WorkOrderSpec, "routingVersion">;
  routingVersion: WorkOrderSpec["routingVersion"] & { stages: unknown };
  heldFrom?: "PLANNED" | "RELEASED" | "IN_PROGRESS" | null;
}

const lower = <T extends string>(value: T): Lowercase<T> => value.toLowerCase() as Lowercase<T>;

/** The fields whose values differ, by name. */
export function changesBetween(
  before: WorkOrderSnapshot,
  after: WorkOrderSnapshot,
): Record<string, { from: unknown; to: unknown }> {
  const changed = V2_FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }]));
}
