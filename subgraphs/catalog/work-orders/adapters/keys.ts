import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import type { CreateClaim, CreateIntent, Creation } from "../operations/ports.ts";
import { keepDocuments } from "../../products/adapters/documents.ts";
import { keepPayload } from "./payloads.ts";
import { changingColumns, textOf, toWorkOrder } from "./rows.ts";
import { isLockTimeout, limitLockWait, writeTrace } from "./trace.ts";

/** How long a repetition waits for the call that came first before it is told to come again. */
const KEY_WAIT_MS = 2_000;

type Earlier = Exclude<CreateClaim, { kind: "created" }>;

/** What an earlier use of the key left behind, unless it has expired. */
export async function recall(
  db: Kysely<CatalogDatabase>,
  intent: CreateIntent,
  now: Date,
): Promise<Earlier | undefined> {
  const key = await db
    .selectFrom("catalog.idempotency_keys")
    .select(["fingerprint", "work_order_id", "expires_at"])
    .where(isKeyOf(intent))
    .where("expires_at", ">", now)
    .executeTakeFirst();
  if (!key || key.work_order_id === null) return undefined;
  if (key.fingerprint !== intent.fingerprint) return { kind: "reused" };
  const order = await db
    .selectFrom("catalog.work_orders")
    .selectAll()
    .where("id", "=", key.work_order_id)
    .executeTakeFirstOrThrow();
  return { kind: "replayed", order: toWorkOrder(order), expiresAt: key.expires_at };
}

/**
 * Creates the order with everything that belongs to it. The unique key is the lock: whoever inserts it first
 * creates the order, the others wait until that has committed and find it.
 */
export async function createFromIntent(
  db: Kysely<CatalogDatabase>,
  intent: CreateIntent,
  { creation, expiresAt }: { creation: Creation; expiresAt: Date },
): Promise<CreateClaim> {
  try {
    const spec = await textOf(creation.order.spec);
    const created = await db.transaction().execute(async (tx) => {
      await limitLockWait(tx, KEY_WAIT_MS);
      if (!(await takeKey(tx, intent, { now: creation.trace.at, expiresAt }))) return undefined;
      await keepPayload(tx, creation.payload, creation.trace.at);
      if (creation.choice) await keepDocuments(tx, [creation.choice], creation.trace.at);
      return insertOrder(tx, intent, { ...creation, spec, expiresAt });
    });
    return created ?? (await recall(db, intent, creation.trace.at)) ?? { kind: "in-flight" };
  } catch (error) {
    if (isLockTimeout(error)) return { kind: "in-flight" };
    throw error;
  }
}

/** True when the key is this transaction's: new, or expired. */
async function takeKey(
  tx: Kysely<CatalogDatabase>,
  intent: CreateIntent,
  { now, expiresAt }: { now: Date; expiresAt: Date },
): Promise<boolean> {
  const use = { fingerprint: intent.fingerprint, created_at: now, expires_at: expiresAt };
  const taken = await tx
    .insertInto("catalog.idempotency_keys")
    .values({ ...intent, ...use })
    .onConflict((conflict) =>
      conflict
        .columns(["tenant", "principal", "operation", "key"])
        .doUpdateSet({ ...use, work_order_id: null })
        .where("catalog.idempotency_keys.expires_at", "<=", now),
    )
    .executeTakeFirst();
  return taken.numInsertedOrUpdatedRows === 1n;
}

async function insertOrder(
  tx: Kysely<CatalogDatabase>,
  intent: CreateIntent,
  { order, trace, spec, expiresAt }: Creation & { spec: string; expiresAt: Date },
): Promise<CreateClaim> {
  const { origin } = order;
  const { actor } = trace.audit;
  const row = await tx
    .insertInto("catalog.work_orders")
    .values({
      ...changingColumns(order),
      spec_snapshot: spec,
      tenant: order.tenant,
      model_id: order.modelId,
      project_id: order.projectId,
      data_source: origin.dataSource,
      plm_correlation_id: origin.plmCorrelationId,
      plm_schema_version: origin.plmSchemaVersion,
      payload_sha256: origin.payloadSha256,
      version_number: 1,
      created_by: actor,
      created_at: trace.at,
      updated_at: trace.at,
    })
    .returning(["id", "number"])
    .executeTakeFirstOrThrow();
  await tx
    .updateTable("catalog.idempotency_keys")
    .set({ work_order_id: row.id })
    .where(isKeyOf(intent))
    .execute();
  const made = { versionNumber: 1, createdBy: actor, createdAt: trace.at, updatedAt: trace.at };
  const created: WorkOrder = { ...order, ...row, ...made };
  await writeTrace(tx, created, trace);
  return { kind: "created", order: created, expiresAt };
}

const isKeyOf = ({ tenant, principal, operation, key }: CreateIntent) =>
  sql<boolean>`(tenant, principal, operation, key) = (${tenant}, ${principal}, ${operation}, ${key})`;
