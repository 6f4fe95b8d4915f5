import type {
  CreateIntent,
  CreateClaim,
  Creation,
  WorkOrderVersion,
  Visibility,
  OrderFilter,
  OrderListRequest,
  PlacedOrder,
  WorkOrderPage,
  ProductPayload,
  Change,
  StageLog,
  Surroundings,
} from "../operations/ports.ts";
import type { PageRequest } from "../../../kit/pagination.ts";
import type { ModelProduct } from "../../products/domain/catalogue.ts";
import type { ChosenOption } from "../domain/options.ts";
import { isRowId } from "../../../kit/row-id.ts";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { currentStage, type WorkOrder } from "../domain/work-order.ts";
import { findRouting, stationsOf } from "./routing-store.ts";
import { keepDocuments } from "../../products/adapters/documents.ts";
import { choicesOf } from "./choices.ts";
import { createFromIntent, recall } from "./keys.ts";
import { pageOfOrders } from "./order-list.ts";
import { findOrders, findVersion, pagesOfProjects, pagesOfVersions } from "./queries.ts";
import { payloadsOf, productsOf } from "./payloads.ts";
import { changingColumns, textOf, toWorkOrder } from "./rows.ts";
import { writeTrace } from "./trace.ts";

/** Work orders in PostgreSQL: whatever a mutation writes, it writes in one transaction. */
export const createWorkOrderStore = (db: Kysely<CatalogDatabase>) => ({
  /** The order of an earlier use of the key, if there is one that holds still. */
  recall: (intent: CreateIntent, now: Date): Promise<Exclude<CreateClaim, { kind: "created" }> | undefined> =>
    recall(db, intent, now),
  create: (intent: CreateIntent, creation: Creation, expiresAt: Date): Promise<CreateClaim> =>
    createFromIntent(db, intent, { creation, expiresAt }),
  /**
   * Locks the order, lets `decide` say what becomes of it, and writes that with its version, audit entry and usage
   * event; undefined when the tenant has no such order.
   *
   * @throws whatever `decide` throws; nothing is written then
   */
  change: (
    { tenant, id }: { tenant: string; id: string },
    decide: (surroundings: Surroundings) => Change | Promise<Change>,
  ): Promise<WorkOrder | undefined> =>
    db.transaction().execute(async (tx) => {
      const order = isRowId(id) ? await lockOrder(tx, { tenant, id }) : undefined;
      return order && applyChange(tx, order, await decide(await surroundingsOf(tx, order)));
    }),
  /** One version of an order of the tenant. */
  version: (scope: { tenant: string; id: string }, number: number): Promise<WorkOrderVersion | undefined> =>
    findVersion(db, scope, number),
  /** In no particular order; unknown ids are left out. */
  find: (tenant: string, ids: readonly string[]): Promise<readonly WorkOrder[]> =>
    findOrders(db, tenant, ids),
  page: (filter: Visibility & OrderFilter, request: OrderListRequest): Promise<WorkOrderPage<PlacedOrder>> =>
    pageOfOrders(db, filter, request),
  pagesOfProjects: (
    filter: Visibility & { projectIds: readonly string[] },
    page: PageRequest,
  ): Promise<ReadonlyMap<string, WorkOrderPage<WorkOrder>>> => pagesOfProjects(db, filter, page),
  pagesOfVersions: (
    ids: readonly string[],
    page: PageRequest,
  ): Promise<ReadonlyMap<string, WorkOrderPage<WorkOrderVersion>>> => pagesOfVersions(db, ids, page),
  payloads: (hashes: readonly string[]): Promise<ReadonlyMap<string, ProductPayload>> =>
    payloadsOf(db, hashes),
  /** What the payloads say of the product, without its configuration. */
  products: (hashes: readonly string[]): Promise<ReadonlyMap<string, ModelProduct>> => productsOf(db, hashes),
  /** Long choices by the hash that orders keep of them. */
  choices: (hashes: readonly string[]): Promise<ReadonlyMap<string, readonly ChosenOption[]>> =>
    choicesOf(db, hashes),
});

async function lockOrder(
  tx: Kysely<CatalogDatabase>,
  { tenant, id }: { tenant: string; id: string },
): Promise<WorkOrder | undefined> {
  const row = await tx
    .selectFrom("catalog.work_orders")
    .selectAll()
    .where("id", "=", id)
    .where("tenant", "=", tenant)
    .forUpdate()
    .executeTakeFirst();
  return row && toWorkOrder(row);
}

async function surroundingsOf(tx: Kysely<CatalogDatabase>, order: WorkOrder): Promise<Surroundings> {
  const routing = await findRouting(tx, order.spec.routingVersionId);
  const stations = await stationsOf(tx, currentStage(order).workCenterId);
  return { order, routing, stations };
}

async function applyChange(
  tx: Kysely<CatalogDatabase>,
  before: WorkOrder,
  change: Change,
): Promise<WorkOrder> {
  const { order, trace } = change;
  if (change.choice) await keepDocuments(tx, [change.choice], trace.at);
  const changed = { ...order, versionNumber: order.versionNumber + 1, updatedAt: trace.at };
  await tx
    .updateTable("catalog.work_orders")
    .set({
      ...changingColumns(order),
      ...(order.spec !== before.spec && { spec_snapshot: await textOf(order.spec) }),
      version_number: changed.versionNumber,
      updated_at: changed.updatedAt,
    })
    .where("id", "=", order.id)
    .execute();
  if (change.stageLog) await writeStageLog(tx, change, change.stageLog);
  if (change.releasesRouting) await releaseRouting(tx, change);
  await writeTrace(tx, changed, trace);
  return changed;
}

async function writeStageLog(
  tx: Kysely<CatalogDatabase>,
  { order, trace }: Change,
  log: StageLog,
): Promise<void> {
  await tx
    .insertInto("catalog.work_order_stage_logs")
    .values({
      work_order_id: order.id,
      stage_code: log.stageCode,
      station_id: log.stationId,
      event: log.event,
      good_qty: log.goodQty,
      scrap_qty: log.scrapQty,
      note: log.note,
      actor: trace.audit.actor,
      at: trace.at,
    })
    .execute();
}

async function releaseRouting(tx: Kysely<CatalogDatabase>, { order, trace }: Change): Promise<void> {
  await tx
    .updateTable("catalog.routing_versions")
    .set({ status: "released", released_at: trace.at })
    .where("id", "=", order.spec.routingVersionId)
    .where("status", "=", "draft")
    .execute();
}
