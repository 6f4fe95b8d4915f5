import { sql, type Kysely } from "kysely";

/** Corrections that were taken back stay, with the name of who did so. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.lane_overrides
      add column removed_by text,
      add column removed_at timestamptz,
      add check ((removed_by is null) = (removed_at is null))`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.lane_overrides drop column removed_by, drop column removed_at`.execute(db);
}
