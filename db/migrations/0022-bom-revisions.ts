import { sql, type Kysely } from "kysely";

/** The configuration of a model every time that it changed, because the PLM only tells the present. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.bom_revisions (
      model_code text not null,
      revision integer not null,
      content_hash text not null,
      content jsonb not null,
      source text not null check (source in ('mrp', 'plm')),
      correlation_id text,
      schema_version text,
      recorded_at timestamptz not null,
      primary key (model_code, revision)
    )`.execute(db);
  await sql`
    create index bom_revisions_by_time on catalog.bom_revisions (model_code, recorded_at desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table catalog.bom_revisions`.execute(db);
}
