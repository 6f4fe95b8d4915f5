import { sql, type Kysely } from "kysely";

/** How much the catalogue relies on the PLM, who decided so, and the circuit that replicas share. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.plm_config (
      id integer primary key default 1 check (id = 1),
      mode text not null check (mode in ('disabled', 'shadow', 'enabled')),
      models jsonb not null,
      environment text not null,
      cause text not null check (cause in ('environment', 'person', 'rollback', 'automatic')),
      reason text not null,
      changed_by text not null,
      changed_at timestamptz not null,
      version bigint not null
    )`.execute(db);
  await sql`
    create table catalog.plm_mode_changes (
      version bigint primary key,
      from_mode text check (from_mode in ('disabled', 'shadow', 'enabled')),
      to_mode text not null check (to_mode in ('disabled', 'shadow', 'enabled')),
      models jsonb not null,
      cause text not null check (cause in ('environment', 'person', 'rollback', 'automatic')),
      reason text not null,
      changed_by text not null,
      changed_at timestamptz not null,
      correlation_id text
    )`.execute(db);
  await sql`
    create table catalog.circuit_states (
      circuit text primary key,
      state text not null check (state in ('closed', 'open', 'half_open', 'isolated')),
      cause text,
      openings integer not null,
      opened_at timestamptz,
      probe_at timestamptz,
      version bigint not null,
      changed_at timestamptz not null
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table catalog.circuit_states, catalog.plm_mode_changes, catalog.plm_config`.execute(db);
}
