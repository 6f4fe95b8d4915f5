import { createHash } from "node:crypto";
import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { systemCodeOf } from "../../../../lib/errors.ts";
import { schemaText, SNAPSHOT_SCHEMA, snapshotOf } from "../domain/snapshot.ts";
import { currentStage, type WorkOrder } from "../domain/work-order.ts";
import type { Trace } from "../operations/ports.ts";
import { recordAudit } from "../../audit/adapters/audit-log.ts";
import { enqueueUsage } from "../../usage/adapters/outbox.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const SCHEMA_HASH = `sha256:${sha256(schemaText(SNAPSHOT_SCHEMA))}`;

/** Writes the version, the audit entry and the usage event of a mutation, in its transaction. */
export async function writeTrace(tx: Kysely<CatalogDatabase>, order: WorkOrder, trace: Trace): Promise<void> {
  const { origin, versionNumber } = order;
  const { specSnapshot: _long, ...snapshot } = snapshotOf(order);
  const short = JSON.stringify({ ...snapshot, versionNumber, schema_hash: SCHEMA_HASH });
  // What the order was made for is in its row already, and may be long.
  const long = sql`select spec_snapshot - 'routingVersion' from catalog.work_orders where id = ${order.id}`;
  await tx
    .insertInto("catalog.work_order_versions")
    .values({
      work_order_id: order.id,
      number: versionNumber,
      snapshot: sql<string>`${short}::jsonb || jsonb_build_object('specSnapshot', (${long}))`,
      schema_hash: SCHEMA_HASH,
      data_source: origin.dataSource,
      plm_correlation_id: origin.plmCorrelationId,
      plm_schema_version: origin.plmSchemaVersion,
      payload_sha256: origin.payloadSha256,
      reason: trace.reason,
      created_by: trace.audit.actor,
      created_at: trace.at,
    })
    .execute();
  const payload = { number: order.number, versionNumber, ...trace.audit.payload };
  await recordAudit(tx, { ...trace.audit, payload, entityId: order.id, at: trace.at });
  await enqueueUsage(tx, {
    type: trace.eventType,
    workOrderId: order.id,
    occurredAt: trace.at,
    payload: {
      number: order.number,
      version: versionNumber,
      model: order.spec.model,
      trim: order.spec.trim,
      qty: order.qty,
      status: order.progress.status.toUpperCase(),
      stage: currentStage(order).code,
      dataSource: origin.dataSource.toUpperCase(),
      correlationId: trace.correlationId,
    },
  });
}

/** The lock of a row that another transaction holds was not to be had in time. */
export const isLockTimeout = (error: unknown): boolean => systemCodeOf(error) === "55P03";

/** Makes this transaction wait no longer than this for a lock. */
export const limitLockWait = async (tx: Kysely<CatalogDatabase>, waitMs: number): Promise<void> => {
  await sql`select set_config('lock_timeout', ${`${waitMs}ms`}, true)`.execute(tx);
};
