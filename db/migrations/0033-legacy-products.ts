import { sql, type Kysely } from "kysely";

const PRODUCT_TABLES = [
  "product_models",
  "product_trims",
  "configuration_sections",
  "configuration_components",
  "configuration_options",
  "configuration_dependencies",
];

/** Who still reads the legacy product API, and the lock on the product tables after the cut-over to the PLM. */
export async function up(db: Kysely<unknown>): Promise<void> {
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
      legacy_api_retired_at timestamptz
    )`.execute(db);
  await sql`insert into catalog.product_source (plm_is_source_of_truth) values (false)`.execute(db);
  // After the statement, so that a seed which finds all its rows in place is no write.
  await sql`
    create function catalog.keep_products() returns trigger language plpgsql as $$
    begin
      if exists (select from catalog.product_source where plm_is_source_of_truth) then
        raise exception 'PLM_IS_SOURCE_OF_TRUTH: catalog.% is read-only', tg_table_name using errcode = 'PT409';
      end if;
      return null;
    end $$`.execute(db);
  await guardProducts(db);
}

/** Lets the product tables follow the source of truth; again when an archive of them is restored. */
export async function guardProducts(db: Kysely<unknown>): Promise<void> {
  for (const table of PRODUCT_TABLES) {
    await sql`
      create trigger ${sql.ref(`${table}_follow_the_plm`)} after insert or update or delete
        on ${sql.table(`catalog.${table}`)} for each row execute function catalog.keep_products()`.execute(
      db,
    );
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const table of PRODUCT_TABLES) {
    await sql`drop trigger ${sql.ref(`${table}_follow_the_plm`)} on ${sql.table(`catalog.${table}`)}`.execute(
      db,
    );
  }
  await sql`drop function catalog.keep_products`.execute(db);
  await sql`drop table catalog.product_source, catalog.legacy_reads`.execute(db);
}
