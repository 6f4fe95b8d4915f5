import { sql, type Kysely } from "kysely";

/** What refuses to change rows that are written once; also those of the audit logs. */
export async function createRefusal(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function catalog.refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'catalog.% is append-only', tg_table_name using errcode = 'restrict_violation';
    end $$`.execute(db);
}

/** @param table like `catalog.documents` */
export async function writeOnce(db: Kysely<unknown>, table: string): Promise<void> {
  const [, name = ""] = table.split(".");
  await sql`
    create trigger ${sql.ref(`${name}_is_append_only`)} before update or delete or truncate on ${sql.table(table)}
      for each statement execute function catalog.refuse_change()`.execute(db);
}
