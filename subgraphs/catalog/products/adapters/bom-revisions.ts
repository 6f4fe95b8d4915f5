import type { Provenance } from "../domain/provenance.ts";
import { sql, type Kysely, type Selectable } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { Clock } from "../../../../lib/clock.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import { eachLine, type FlatLine } from "../domain/bom.ts";
import { pathOfSection, type ModelConfiguration } from "../domain/configuration.ts";
import { fromStored, toStored, type StoredConfiguration } from "../domain/stored-configuration.ts";
import type { BomRevision, PartUse, RecordedRevision } from "../operations/ports.ts";
import { keepDocuments, packDocument, readDocuments } from "./documents.ts";

type Row = Selectable<CatalogDatabase["catalog.bom_revisions"]>;
interface Read {
  value: ModelConfiguration;
  provenance: Provenance;
}

/** Rows of one statement: what the driver writes within a few milliseconds. */
const ROWS_AT_ONCE = 1_000;

/**
 * Revisions in `catalog.bom_revisions`, and where the parts of the latest ones are used. What was written down once is
 * known by the value itself, so a configuration that did not change costs nothing.
 */
export function createBomRevisions(db: Kysely<CatalogDatabase>, deps: { clock: Clock }) {
  const written = new WeakMap<ModelConfiguration, Promise<RecordedRevision>>();
  const revisionsOf = (modelCode: string) =>
    db.selectFrom("catalog.bom_revisions").selectAll().where("model_code", "=", modelCode);
  const toRevision = async (row: Row | undefined): Promise<BomRevision | undefined> =>
    row && { ...headOf(row, deps.clock), configuration: await contentOf(db, row) };

  return {
    /**
     * Writes a configuration down unless the latest revision holds it already.
     *
     * @throws when it cannot be written down
     */
    record: (modelCode: string, read: Read): Promise<RecordedRevision> => {
      const known = written.get(read.value);
      if (known) return known;
      const writing = insert(db, modelCode, read);
      written.set(read.value, writing);
      writing.catch(() => written.delete(read.value));
      return writing;
    },
    /** What was in force at the time. */
    at: async (modelCode: string, time: Date): Promise<BomRevision | undefined> =>
      toRevision(
        await revisionsOf(modelCode)
          .where("recorded_at", "<=", time)
          .orderBy("recorded_at", "desc")
          .orderBy("revision", "desc")
          .limit(1)
          .executeTakeFirst(),
      ),
    latest: async (modelCode: string): Promise<BomRevision | undefined> =>
      toRevision(await revisionsOf(modelCode).orderBy("revision", "desc").limit(1).executeTakeFirst()),
    /** Where a part is used, over all levels of the latest revisions, by model and path. */
    usesOf: (partNumber: string): Promise<readonly PartUse[]> => readUses(db, partNumber),
    /** Codes of the models that have a revision. */
    recorded: async (): Promise<ReadonlySet<string>> => {
      const rows = await db.selectFrom("catalog.bom_revisions").select("model_code").distinct().execute();
      return new Set(rows.map(({ model_code }) => model_code));
    },
  };
}

async function insert(db: Kysely<CatalogDatabase>, modelCode: string, read: Read): Promise<RecordedRevision> {
  const document = await inSteps(packDocument(await inSteps(toStored(read.value))));
  const { provenance } = read;
  const revision = await db.transaction().execute(async (trx) => {
    // One writer for a model at a time, or two would count to the same number.
    await sql`select pg_advisory_xact_lock(hashtext(${`bom:${modelCode}`}))`.execute(trx);
    const latest = await trx
      .selectFrom("catalog.bom_revisions")
      .select(["revision", "content_hash", "recorded_at"])
      .where("model_code", "=", modelCode)
      .orderBy("revision", "desc")
      .limit(1)
      .executeTakeFirst();
    if (latest?.content_hash === document.sha256) return latest.revision;
    // Another replica may have written down what is newer than this one.
    if (latest && latest.recorded_at > provenance.fetchedAt) {
      const earlier = await trx
        .selectFrom("catalog.bom_revisions")
        .select("revision")
        .where("model_code", "=", modelCode)
        .where("content_hash", "=", document.sha256)
        .orderBy("revision", "desc")
        .executeTakeFirst();
      if (earlier) return earlier.revision;
    }
    await keepDocuments(trx, [document], provenance.fetchedAt);
    const next = (latest?.revision ?? 0) + 1;
    await trx
      .insertInto("catalog.bom_revisions")
      .values({
        model_code: modelCode,
        revision: next,
        content_hash: document.sha256,
        content: null,
        source: provenance.source === "MRP" ? "mrp" : "plm",
        correlation_id: provenance.plmCorrelationId,
        schema_version: provenance.plmSchemaVersion,
        recorded_at: provenance.fetchedAt,
      })
      .execute();
    await writeUses(trx, modelCode, read.value);
    return next;
  });
  return { revision, document };
}

/** Revisions from before there were documents hold their content themselves. */
async function contentOf(db: Kysely<CatalogDatabase>, row: Row): Promise<ModelConfiguration> {
  const content = row.content ?? (await readDocuments(db, [row.content_hash])).get(row.content_hash);
  return inSteps(fromStored(content as StoredConfiguration));
}

const headOf = (row: Row, clock: Clock) => ({
  modelCode: row.model_code,
  revision: row.revision,
  provenance: {
    source: row.source === "mrp" ? ("MRP" as const) : ("PLM_CACHE" as const),
    fetchedAt: row.recorded_at,
    ageSeconds: Math.max(0, clock.now().getTime() - row.recorded_at.getTime()) / 1000,
    stale: false,
    fallbackReason: null,
    plmCorrelationId: row.correlation_id,
    plmSchemaVersion: row.schema_version,
  },
});

interface UseRow {
  part_number: string;
  path: string;
  trim_code: string | null;
  line: Omit<FlatLine, "partNumber" | "path">;
}

/** Every line that has a part number, with the trim that has it. */
function* usesInLots(configuration: ModelConfiguration): Generator<readonly UseRow[], void, undefined> {
  let rows: UseRow[] = [];
  const bySection = new Map(
    configuration.sections.map((section) => [pathOfSection(section), section.trimCode]),
  );
  let trimCode: string | null = null;
  for (const line of eachLine(configuration, { trimCode: null, day: null })) {
    if (line.kind === "SECTION") trimCode = bySection.get(line.path) ?? null;
    const { partNumber, path, ...stored } = line;
    if (partNumber === null) continue;
    const details = line.details.parts.length > 0 ? { ...line.details, parts: [] } : line.details;
    rows.push({ part_number: partNumber, path, trim_code: trimCode, line: { ...stored, details } });
    if (rows.length < ROWS_AT_ONCE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

async function writeUses(
  trx: Kysely<CatalogDatabase>,
  modelCode: string,
  configuration: ModelConfiguration,
): Promise<void> {
  await trx.deleteFrom("catalog.part_uses").where("model_code", "=", modelCode).execute();
  for (const rows of usesInLots(configuration)) {
    await sql`
      insert into catalog.part_uses (model_code, part_number, path, trim_code, line)
      select ${modelCode}, part_number, path, trim_code, line
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as row (part_number text, path text, trim_code text, line jsonb)
      on conflict do nothing`.execute(trx);
  }
}

async function readUses(db: Kysely<CatalogDatabase>, partNumber: string): Promise<PartUse[]> {
  const rows = await db
    .selectFrom("catalog.part_uses")
    .select(["model_code", "part_number", "path", "trim_code", "line"])
    .where("part_number", "=", partNumber)
    .orderBy("model_code")
    .orderBy("path")
    .execute();
  return rows.map(({ model_code, part_number, path, trim_code, line }) => ({
    modelCode: model_code,
    trimCode: trim_code,
    line: { ...(line as unknown as FlatLine), partNumber: part_number, path },
  }));
}
