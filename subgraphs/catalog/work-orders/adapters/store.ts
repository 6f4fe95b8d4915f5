import { isRowId } from "../../../kit/row-id.ts";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { currentStage, type WorkOrder } from "../domain/work-order.ts";
import type { Change, StageLog, Surroundings, WorkOrderStore } from "../operations/ports.ts";
import { findRouting, stationsOf } from "./routing-store.ts";
import { keepDocuments } from "../../products/adapters/documents.ts";
import { choicesOf } from "./choices.ts";
import { createFromIntent, recall } from "./keys.ts";
import { findOrders, findVersion, pageOfOrders, pagesOfProjects, pagesOfVersions } from "./queries.ts";
import { payloadsOf, productsOf } from "./payloads.ts";
import { changingColumns, textOf, toWorkOrder } from "./rows.ts";
import { writeTrace } from "./trace.ts";

/** Work orders in PostgreSQL: whatever a mutation writes, it writes in one transaction. */
export const createWorkOrderStore = (db: Kysely<CatalogDatabase>): WorkOrderStore => ({
  recall: (intent, now) => recall(db, intent, now),
  create: (intent, creation, expiresAt) => createFromIntent(db, intent, { creation, expiresAt }),
  change: ({ tenant, id }, decide) =>
    db.transaction().execute(async (tx) => {
      const order = isRowId(id) ? await lockOrder(tx, { tenant, id }) : undefined;
      return order && applyChange(tx, order, await decide(await surroundingsOf(tx, order)));
    }),
  version: (scope, number) => findVersion(db, scope, number),
  find: (tenant, ids) => findOrders(db, tenant, ids),
  page: (filter, page) => pageOfOrders(db, filter, page),
  pagesOfProjects: (filter, page) => pagesOfProjects(db, filter, page),
  pagesOfVersions: (ids, page) => pagesOfVersions(db, ids, page),
  payloads: (hashes) => payloadsOf(db, hashes),
  products: (hashes) => productsOf(db, hashes),
  choices: (hashes) => choicesOf(db, hashes),
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
