import { sql, type Kysely } from "kysely";

/** From which probability of an overrun on a project is in danger, as its owner decides. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table plms.projects
      add column warning_at double precision not null default 0.35,
      add column critical_at double precision not null default 0.76,
      add constraint projects_alarms_check check (warning_at between 0.2 and 0.9 and critical_at between 0.3 and 0.99
        and warning_at < critical_at)`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table plms.projects drop column warning_at, drop column critical_at`.execute(db);
}
