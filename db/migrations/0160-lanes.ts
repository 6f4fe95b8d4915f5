import { sql, type Kysely } from "kysely";

/** Lanes that an installation defines itself: who works in them, and whether a file says what they are. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.lanes
      add column providers jsonb not null default '{}',
      add column is_from_file boolean not null default false`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.lanes drop column providers, drop column is_from_file`.execute(db);
}
