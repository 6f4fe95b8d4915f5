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

const V3_FIELDS = [...V2_FIELDS, "trimId"] as const;

/** Every schema that snapshots were ever written with, the newest last; never edited, only added to. */
export const SNAPSHOT_SCHEMAS = [
  { version: 1, fields: V1_FIELDS },
  { version: 2, fields: V2_FIELDS },
  { version: 3, fields: V3_FIELDS },
] as const;

/** What new snapshots are written with. */
export const SNAPSHOT_SCHEMA = SNAPSHOT_SCHEMAS[2];

export type WorkOrderSnapshot = Record<(typeof V3_FIELDS)[number], unknown>;

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
    trimId: order.trimId,
  };
}

/**
 * The order as a snapshot of it says; where its product came from stays as it is.
 *
 * @param trims of the product, for older snapshots: they have the name of the trim only
 * @throws RangeError for a snapshot of another order
 */
export function restoredFrom(
  order: WorkOrder,
  snapshot: WorkOrderSnapshot,
  trims: readonly { id: string; name: string }[],
): WorkOrder {
  if (snapshot.number !== order.number) throw new RangeError(`${order.number} has no such snapshot`);
  // Written by `snapshotOf` and never changed since.
  const kept = snapshot as unknown as KeptSnapshot;
  const { stages: _stages, ...routingVersion } = kept.routingVersion;
  const status = lower(kept.status);
  const stageIndex = kept.currentStageIndex;
  return {
    ...order,
    trimId: kept.trimId === undefined ? trimNamed(kept.specSnapshot.trim, trims) : kept.trimId,
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

const trimNamed = (name: string | null, trims: readonly { id: string; name: string }[]): string | null =>
  trims.find((trim) => trim.name === name)?.id ?? null;

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
  trimId?: string | null;
}

const lower = <T extends string>(value: T): Lowercase<T> => value.toLowerCase() as Lowercase<T>;

/** The fields of the snapshots whose values differ, by name. */
export function changesBetween(
  order: WorkOrder,
  next: WorkOrder,
): Record<string, { from: unknown; to: unknown }> {
  const [before, after] = [snapshotOf(order), snapshotOf(next)];
  // What was ordered may be long, and most changes leave it as it is.
  const ofSpec: readonly string[] = order.spec === next.spec ? ["specSnapshot", "routingVersion"] : [];
  const changed = V3_FIELDS.filter(
    (field) => !ofSpec.includes(field) && JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  return Object.fromEntries(changed.map((field) => [field, { from: before[field], to: after[field] }]));
}
