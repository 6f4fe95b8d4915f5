import { sql, type Kysely } from "kysely";

/**
 * Orders share the configuration of the revision that holds it, which has no ids: those are kept beside it. The trim of
 * an order may change, as a new version.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table catalog.product_payloads
      add column option_ids_sha256 text references catalog.documents`.execute(db);
  await keepOrigin(db, ["tenant", "model_id", ...SOURCE]);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await keepOrigin(db, ["tenant", "model_id", "trim_id", ...SOURCE]);
  await sql`alter table catalog.product_payloads drop column option_ids_sha256`.execute(db);
}

const SOURCE = [
  "data_source",
  "plm_correlation_id",
  "plm_schema_version",
  "payload_sha256",
  "created_by",
  "created_at",
];

async function keepOrigin(db: Kysely<unknown>, columns: readonly string[]): Promise<void> {
  const of = (row: string) => sql.raw(columns.map((column) => `${row}.${column}`).join(", "));
  await sql`
    create or replace function catalog.keep_origin() returns trigger language plpgsql as $$
    begin
      if (${of("new")}) is distinct from (${of("old")}) then
        raise exception 'the origin of work order % is fixed', old.number using errcode = 'restrict_violation';
      end if;
      return new;
    end $$`.execute(db);
}
