import { sql, type Kysely } from "kysely";

/**
 * "Any lane" and "any provider" are null, which no index finds by equality with a parameter that may be null: under
 * these expressions they are values like others, and the newest version of every key is found without reading the rest.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`drop index plms.estimate_versions_by_key`.execute(db);
  await sql`
    create index estimate_versions_by_key
    on plms.estimate_versions (tenant, coalesce(lane_id, -1), coalesce(provider, ''), id desc)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index plms.estimate_versions_by_key`.execute(db);
  await sql`
    create index estimate_versions_by_key on plms.estimate_versions (tenant, lane_id, provider, id desc)`.execute(
    db,
  );
}
