import { sql, type Kysely } from "kysely";

/** Who did what, or was refused it; written once and never changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function catalog.refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'catalog.% is append-only', tg_table_name using errcode = 'restrict_violation';
    end $$`.execute(db);
  await sql`
    create table catalog.audit_log (
      seq bigint generated always as identity primary key,
      tenant text not null,
      actor text not null,
      actor_role text not null check (actor_role in ('operator', 'supervisor', 'admin')),
      action text not null,
      entity_type text not null,
      entity_id text,
      outcome text not null check (outcome in ('succeeded', 'denied')),
      code text,
      correlation_id text not null,
      payload jsonb not null,
      at timestamptz not null
    )`.execute(db);
  await sql`create index audit_log_by_tenant on catalog.audit_log (tenant, seq desc)`.execute(db);
  await sql`create index audit_log_by_entity on catalog.audit_log (tenant, entity_id, seq desc)`.execute(db);
  await sql`
    create trigger audit_log_is_append_only before update or delete or truncate on catalog.audit_log
      for each statement execute function catalog.refuse_change()`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table catalog.audit_log`.execute(db);
  await sql`drop function catalog.refuse_change`.execute(db);
}
