import { sql, type Kysely } from "kysely";

/** Who is in charge of product data, the lock on the product tables that follows from it, and who still reads them. */
export async function createProductSource(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.legacy_reads (
      tenant text not null,
      caller text not null,
      endpoint text not null,
      day text not null check (day ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'),
      reads bigint not null,
      last_read_at timestamptz not null,
      primary key (day, tenant, caller, endpoint)
    )`.execute(db);
  await sql`
    create table catalog.product_source (
      id integer primary key default 1 check (id = 1),
      plm_is_source_of_truth boolean not null,
      legacy_api_retired_at timestamptz,
      archived_at timestamptz
    )`.execute(db);
  await sql`insert into catalog.product_source (plm_is_source_of_truth) values (false)`.execute(db);
  // What the MRP's ids were, for when its tables are archived.
  await sql`
    create table catalog.product_ids (
      model_code text primary key,
      model_id text not null,
      trims jsonb not null,
      options jsonb not null
    )`.execute(db);
  // After the statement, so that a seed which finds all its rows in place is no write.
  await sql`
    create function catalog.keep_products() returns trigger language plpgsql as $$
    begin
      if exists (select from catalog.product_source where plm_is_source_of_truth)
        or exists (select from catalog.plm_config where mode = 'enabled' and models = '[]'::jsonb)
      then
        raise exception 'PLM_IS_SOURCE_OF_TRUTH: catalog.% is read-only', tg_table_name using errcode = 'PT409';
      end if;
      return null;
    end $$`.execute(db);
}
