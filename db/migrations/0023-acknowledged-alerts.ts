import { sql, type Kysely } from "kysely";

/** Who looks after an alert about the PLM, and since when. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table catalog.plm_alerts
      add column acknowledged_at timestamptz,
      add column acknowledged_by text`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table catalog.plm_alerts drop column acknowledged_by, drop column acknowledged_at`.execute(
    db,
  );
}
