import { sql, type Kysely } from "kysely";

/** Which sample a rehearsal runs, so that it can be drawn again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.project_runs add column sample_seed integer check (sample_seed >= 0)`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.project_runs drop column sample_seed`.execute(db);
}
