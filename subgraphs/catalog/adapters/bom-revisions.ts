import { createHash } from "node:crypto";
import { sql, type Kysely, type Selectable } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Log } from "../../../lib/log.ts";
import type { ModelConfiguration } from "../domain/configuration.ts";
import type { BomRevision, BomRevisions } from "../operations/ports.ts";

type Row = Selectable<Database["catalog.bom_revisions"]>;

/** Revisions in `catalog.bom_revisions`; each replica remembers what it wrote last and asks only about changes. */
export function createBomRevisions(db: Kysely<Database>, deps: { clock: Clock; log: Log }): BomRevisions {
  const written = new Map<string, string>();

  const revisionsOf = (modelCode: string) =>
    db.selectFrom("catalog.bom_revisions").selectAll().where("model_code", "=", modelCode);

  const insert = (modelCode: string, hash: string, read: Parameters<BomRevisions["record"]>[1]) =>
    db.transaction().execute(async (trx) => {
      // One writer for a model at a time, or two would count to the same number.
      await sql`select pg_advisory_xact_lock(hashtext(${`bom:${modelCode}`}))`.execute(trx);
      const latest = await trx
        .selectFrom("catalog.bom_revisions")
        .select(["revision", "content_hash"])
        .where("model_code", "=", modelCode)
        .orderBy("revision", "desc")
        .limit(1)
        .executeTakeFirst();
      if (latest?.content_hash === hash) return;
      await trx
        .insertInto("catalog.bom_revisions")
        .values({
          model_code: modelCode,
          revision: (latest?.revision ?? 0) + 1,
          content_hash: hash,
          content: JSON.stringify(read.value),
          source: read.provenance.source === "MRP" ? "mrp" : "plm",
          correlation_id: read.provenance.plmCorrelationId,
          schema_version: read.provenance.plmSchemaVersion,
          recorded_at: read.provenance.fetchedAt,
        })
        .execute();
    });

  return {
    record: async (modelCode, read) => {
      const hash = contentHash(read.value);
      if (written.get(modelCode) === hash) return;
      try {
        await insert(modelCode, hash, read);
        written.set(modelCode, hash);
      } catch (error) {
        deps.log.warn({ err: error, modelCode }, "a revision of a bill of materials could not be recorded");
      }
    },
    at: async (modelCode, time) => {
      const row = await revisionsOf(modelCode)
        .where("recorded_at", "<=", time)
        .orderBy("recorded_at", "desc")
        .orderBy("revision", "desc")
        .limit(1)
        .executeTakeFirst();
      return row && toRevision(row, deps.clock);
    },
    latest: async (modelCode) => {
      const row = await revisionsOf(modelCode).orderBy("revision", "desc").limit(1).executeTakeFirst();
      return row && toRevision(row, deps.clock);
    },
  };
}

/** Of what a boat is built from; ids are left out, because they differ between the systems and mean nothing. */
function contentHash(configuration: ModelConfiguration): string {
  const withoutIds = JSON.stringify(configuration, (key, value: unknown) =>
    key === "id" || key === "plmId" ? undefined : value,
  );
  return createHash("sha256").update(withoutIds).digest("hex");
}

const toRevision = (row: Row, clock: Clock): BomRevision => ({
  modelCode: row.model_code,
  revision: row.revision,
  configuration: row.content as ModelConfiguration,
  provenance: {
    source: row.source === "mrp" ? "MRP" : "PLM_CACHE",
    fetchedAt: row.recorded_at,
    ageSeconds: Math.max(0, clock.now().getTime() - row.recorded_at.getTime()) / 1000,
    stale: false,
    fallbackReason: null,
    plmCorrelationId: row.correlation_id,
    plmSchemaVersion: row.schema_version,
  },
});
