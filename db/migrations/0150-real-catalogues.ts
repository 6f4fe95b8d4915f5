import { sql, type Kysely } from "kysely";

/** What product data of real partners needs: documents of any size, where parts are used, what could not be taken. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await documents(db);
  await mrpOptions(db);
  await observations(db);
  await sql`
    create table catalog.product_ids (
      model_code text primary key,
      model_id text not null,
      trims jsonb not null,
      options jsonb not null
    )`.execute(db);
  await sql`alter table catalog.product_source add column archived_at timestamptz`.execute(db);
  await sql`
    create or replace function catalog.keep_products() returns trigger language plpgsql as $$
    begin
      if exists (select from catalog.product_source where plm_is_source_of_truth)
        or exists (select from catalog.plm_config where mode = 'enabled' and models = '[]'::jsonb)
      then
        raise exception 'PLM_IS_SOURCE_OF_TRUTH: catalog.% is read-only', tg_table_name using errcode = 'PT409';
      end if;
      return null;
    end $$`.execute(db);
}

async function documents(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.documents (
      sha256 text primary key,
      gzip bytea not null,
      created_at timestamptz not null
    )`.execute(db);
  // Packed already.
  await sql`alter table catalog.documents alter column gzip set storage external`.execute(db);
  await sql`
    create trigger documents_is_append_only before update or delete or truncate on catalog.documents
      for each statement execute function catalog.refuse_change()`.execute(db);
  await sql`
    alter table catalog.product_payloads
      add column configuration_sha256 text references catalog.documents,
      add column answer_sha256 text references catalog.documents`.execute(db);
  await sql`alter table catalog.bom_revisions alter column content drop not null`.execute(db);
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

/**
 * The MRP can store what the PLM can say, so that a difference can be repaired; again when an archive of the tables is
 * restored.
 */
export async function mrpOptions(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table catalog.configuration_options
      add column quantity numeric not null default 1 check (quantity >= 0),
      add column unit text not null default 'C62' check (unit ~ '^[A-Z0-9]{2,3}$'),
      add column is_required boolean not null default false,
      add column details jsonb`.execute(db);
  // Components that take several options may have several defaults.
  await sql`drop index catalog.configuration_options_one_default`.execute(db);
}

async function observations(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.plm_leftovers (
      subject text not null,
      kind text not null check (kind in ('rejected', 'unknown_field')),
      place text not null,
      reason text not null,
      count bigint not null,
      seen_at timestamptz not null,
      primary key (subject, kind, place)
    )`.execute(db);
  await sql`
    create table catalog.model_comparisons (
      model_code text primary key,
      compared_at timestamptz,
      failed_at timestamptz,
      failure text
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table catalog.model_comparisons, catalog.plm_leftovers, catalog.product_ids, catalog.part_uses`.execute(
    db,
  );
  await sql`alter table catalog.product_source drop column archived_at`.execute(db);
  await sql`
    create or replace function catalog.keep_products() returns trigger language plpgsql as $$
    begin
      if exists (select from catalog.product_source where plm_is_source_of_truth) then
        raise exception 'PLM_IS_SOURCE_OF_TRUTH: catalog.% is read-only', tg_table_name using errcode = 'PT409';
      end if;
      return null;
    end $$`.execute(db);
  await sql`delete from catalog.bom_revisions where content is null`.execute(db);
  await sql`alter table catalog.bom_revisions alter column content set not null`.execute(db);
  await sql`
    alter table catalog.configuration_options
      drop column quantity, drop column unit, drop column is_required, drop column details`.execute(db);
  await sql`
    create unique index configuration_options_one_default
      on catalog.configuration_options (component_id) where is_default`.execute(db);
  await sql`alter table catalog.product_payloads drop column configuration_sha256, drop column answer_sha256`.execute(
    db,
  );
  await sql`drop table catalog.documents`.execute(db);
}
