import type { AuditEntry } from "../../../../lib/audit-entry.ts";
import type { ModelProduct } from "../../products/domain/catalogue.ts";
import type { ModelConfiguration } from "../../products/domain/configuration.ts";
import type { StoredConfiguration } from "../../products/domain/stored-configuration.ts";
import type { FallbackReason } from "../../products/domain/provenance.ts";
import type { WorkOrderStatus } from "../domain/lifecycle.ts";
import type { Routing } from "../domain/routing.ts";
import type { WorkOrderSnapshot } from "../domain/snapshot.ts";
import type { NewWorkOrder, SnapshotSource, WorkOrder, WorkOrderSpec } from "../domain/work-order.ts";
import type { PackedDocument } from "../../products/operations/ports.ts";

/** A model with what can be chosen for it, as its source describes it now. */
export interface ProductOffer {
  product: ModelProduct;
  configuration: ModelConfiguration;
  /** The same without ids, as the revision has it that holds it. */
  document: PackedDocument;
  dataSource: SnapshotSource;
  plmCorrelationId: string | null;
  plmSchemaVersion: string | null;
  /** Why the PLM itself did not answer; null when it did. */
  fallbackReason: FallbackReason | null;
  /** The PLM's own words; undefined for what the MRP described. */
  answer: PackedDocument | undefined;
}

/** The description of a product that orders keep. */
export type ProductPayload = Readonly<Record<string, unknown>> & {
  product: ModelProduct;
  configuration: StoredConfiguration;
  /** Ids of options by address, but for those that are made of it; absent where the configuration has them itself. */
  optionIds?: Readonly<Record<string, string>>;
};

/** The same description as it is stored: what many orders share is packed and stored once. */
export interface SealedPayload {
  /** Of the canonical JSON of the whole payload. */
  sha256: string;
  product: ModelProduct;
  configuration: PackedDocument;
  optionIds: PackedDocument;
  answer: PackedDocument | undefined;
}

/** A choice as orders keep it, and the document of a long one. */
export interface PackedChoice {
  features: WorkOrderSpec["features"];
  document: PackedDocument | undefined;
}

/** A routing, and the departments that have an active work center. */
export interface RoutingChoice {
  routing: Routing;
  activeDepartments: ReadonlySet<string>;
}

export interface Station {
  id: string;
  code: string;
  isActive: boolean;
  workCenterId: string;
}

export interface StageLog {
  stageCode: string;
  stationId: string;
  event: "start" | "pause" | "complete";
  goodQty: number;
  scrapQty: number;
  note: string | null;
}

/** What one mutation leaves behind, besides the order itself: all of it in one transaction. */
export interface Trace {
  /** The action, and why it was taken. */
  reason: string;
  /** Type of the usage event, like `work_order.created`. */
  eventType: string;
  correlationId: string;
  audit: Omit<AuditEntry, "entityId" | "at">;
  at: Date;
}

export interface Creation {
  order: NewWorkOrder;
  /** What `origin.payloadSha256` is the hash of. */
  payload: SealedPayload;
  /** Of a long choice. */
  choice: PackedDocument | undefined;
  trace: Trace;
}

/** One use of an idempotency key. */
export interface CreateIntent {
  tenant: string;
  principal: string;
  operation: string;
  key: string;
  /** SHA-256 of the canonical input. */
  fingerprint: string;
}

export type CreateClaim =
  | { kind: "created" | "replayed"; order: WorkOrder; expiresAt: Date }
  /** The key belongs to another input. */
  | { kind: "reused" }
  /** Another call with this key has not ended yet. */
  | { kind: "in-flight" };

/** What an order looks at before it changes: all of it as of the transaction that changes it. */
export interface Surroundings {
  order: WorkOrder;
  /** The routing as it is now; the order's own copy is in its spec. */
  routing: RoutingChoice | undefined;
  /** Of the work center of the current stage, by code. */
  stations: readonly Station[];
}

export interface Change {
  order: WorkOrder;
  trace: Trace;
  stageLog?: StageLog;
  /** Makes the routing a released one. */
  releasesRouting?: boolean;
  /** Of a long choice that is new. */
  choice?: PackedDocument | undefined;
}

/** Whose orders: a tenant, and the departments by name for callers who see no others. */
export interface Visibility {
  tenant: string;
  departments: readonly string[] | undefined;
}

/** Which orders are meant. */
export interface OrderFilter {
  status?: WorkOrderStatus | undefined;
  projectId?: string | undefined;
  /** Text in number, hull or SKU, in any case. */
  search?: string | undefined;
}

export type OrderSort = "CREATED" | "UPDATED" | "PRIORITY" | "PLANNED_START";

/** A place in a list of orders: the number that it is sorted by, as the database writes it, and the id. */
interface OrderPlace {
  value: string;
  id: string;
}

export interface OrderListRequest {
  first: number;
  after: OrderPlace | undefined;
  sort: OrderSort;
  isFalling: boolean;
}

export type PlacedOrder = WorkOrder & { place: OrderPlace };

export interface WorkOrderPage<T> {
  /** One more than the page takes. */
  items: readonly T[];
  totalCount: number;
}

export interface WorkOrderVersion {
  workOrderId: string;
  number: number;
  snapshot: WorkOrderSnapshot;
  schemaHash: string;
  dataSource: SnapshotSource;
  plmCorrelationId: string | null;
  plmSchemaVersion: string | null;
  payloadSha256: string;
  reason: string;
  createdBy: string;
  createdAt: Date;
}
