import { sql, type Kysely } from "kysely";
import { writeOnce } from "./append-only.ts";

/** Documents of any size by their hash, the configuration of a model every time that it changed, and where parts are used. */
export async function createDocuments(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.documents (
      sha256 text primary key,
      gzip bytea not null,
      created_at timestamptz not null
    )`.execute(db);
  // Packed already.
  await sql`alter table catalog.documents alter column gzip set storage external`.execute(db);
  await writeOnce(db, "catalog.documents");
  await sql`
    create table catalog.bom_revisions (
      model_code text not null,
      revision integer not null,
      content_hash text not null,
      content jsonb,
      source text not null check (source in ('mrp', 'plm')),
      correlation_id text,
      schema_version text,
      recorded_at timestamptz not null,
      primary key (model_code, revision)
    )`.execute(db);
  await sql`
    create index bom_revisions_by_time on catalog.bom_revisions (model_code, recorded_at desc)`.execute(db);
  await sql`
    create table catalog.part_uses (
      model_code text not null,
      path text not null,
      part_number text not null,
      trim_code text,
      line jsonb not null,
      primary key (model_code, path)
    )`.execute(db);
  await sql`create index part_uses_by_part on catalog.part_uses (part_number, model_code, path)`.execute(db);
}
