import type { AuditEntry } from "../../../../lib/audit-entry.ts";
import type { Clock } from "../../../../lib/clock.ts";
import type { AuditLog } from "../../audit/operations/ports.ts";
import type { PageRequest } from "../../../kit/pagination.ts";
import type { ModelProduct } from "../../products/domain/catalogue.ts";
import type { ModelConfiguration } from "../../products/domain/configuration.ts";
import type { StoredConfiguration } from "../../products/domain/stored-configuration.ts";
import type { FallbackReason } from "../../products/domain/provenance.ts";
import type { Routing } from "../domain/routing.ts";
import type { WorkOrderStatus } from "../domain/lifecycle.ts";
import type { WorkOrderSnapshot } from "../domain/snapshot.ts";
import type { ChosenOption } from "../domain/options.ts";
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

export interface ProductOffers {
  /** @throws CodedError PLM_… when no source answers; undefined when none knows the model */
  read(request: { modelId: string; correlationId: string }): Promise<ProductOffer | undefined>;
}

/** A routing, and the departments that have an active work center. */
export interface RoutingChoice {
  routing: Routing;
  activeDepartments: ReadonlySet<string>;
}

export interface RoutingStore {
  find(id: string): Promise<RoutingChoice | undefined>;
  /** The newest routing of the trim (by its name), or of the model as such (both by code of the model). */
  newestFor(model: string, trim: string | null): Promise<RoutingChoice | undefined>;
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

export interface WorkOrderStore {
  /** The order of an earlier use of the key, if there is one that holds still. */
  recall(intent: CreateIntent, now: Date): Promise<Exclude<CreateClaim, { kind: "created" }> | undefined>;
  create(intent: CreateIntent, creation: Creation, expiresAt: Date): Promise<CreateClaim>;
  /** One version of an order of the tenant. */
  version(scope: { tenant: string; id: string }, number: number): Promise<WorkOrderVersion | undefined>;
  /**
   * Locks the order, lets `decide` say what becomes of it, and writes that with its version, audit entry and usage
   * event; undefined when the tenant has no such order.
   *
   * @throws whatever `decide` throws; nothing is written then
   */
  change(
    scope: { tenant: string; id: string },
    decide: (surroundings: Surroundings) => Change | Promise<Change>,
  ): Promise<WorkOrder | undefined>;
  /** In no particular order; unknown ids are left out. */
  find(tenant: string, ids: readonly string[]): Promise<readonly WorkOrder[]>;
  page(
    filter: Visibility & { status: WorkOrderStatus | undefined },
    page: PageRequest,
  ): Promise<WorkOrderPage<WorkOrder>>;
  pagesOfProjects(
    filter: Visibility & { projectIds: readonly string[] },
    page: PageRequest,
  ): Promise<ReadonlyMap<string, WorkOrderPage<WorkOrder>>>;
  pagesOfVersions(
    ids: readonly string[],
    page: PageRequest,
  ): Promise<ReadonlyMap<string, WorkOrderPage<WorkOrderVersion>>>;
  payloads(hashes: readonly string[]): Promise<ReadonlyMap<string, ProductPayload>>;
  /** Long choices by the hash that orders keep of them. */
  choices(hashes: readonly string[]): Promise<ReadonlyMap<string, readonly ChosenOption[]>>;
  /** What the payloads say of the product, without its configuration. */
  products(hashes: readonly string[]): Promise<ReadonlyMap<string, ModelProduct>>;
}

/** What the use cases of work orders need. */
export interface WorkOrderPorts {
  workOrders: WorkOrderStore;
  routings: RoutingStore;
  offers: ProductOffers;
  audit: AuditLog;
  clock: Clock;
  /** SHA-256 in hexadecimal. */
  digest: (text: string) => string;
  /** Packs what an order keeps of its product; once for each configuration, however many orders keep it. */
  seal: (
    offer: Pick<ProductOffer, "product" | "configuration" | "document" | "answer">,
  ) => Promise<SealedPayload>;
  /** Packs a choice when it is long; once for each list, however many orders keep it. */
  packChoice: (chosen: readonly ChosenOption[]) => Promise<PackedChoice>;
  /** Told of every attempt, for the metrics. */
  onAttempt: (attempt: { action: string; outcome: string }) => void;
  /** Told when a denied attempt could not be written down. */
  onError: (error: unknown) => void;
  settings: {
    idempotencyTtlMs: number;
    /** Routing of orders whose product has none of its own. */
    defaultRoutingVersionId: string;
    /** Milliseconds that the catalogue may take to describe the product of an order that is shown. */
    detailDeadlineMs: number;
  };
}
