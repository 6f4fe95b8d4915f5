import { sql, type Kysely } from "kysely";
import { writeOnce } from "../definitions/catalog/append-only.ts";

/**
 * A log for each subgraph of who did what, or was refused it: written once and never changed. Every row is tied to the one
 * before it: changing, removing or slipping in a row breaks the chain from there on. See docs/decisions/0070-audit-chain.md.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema audit`.execute(db);
  await chainTables(db);
  await chainFunctions(db);
  await createLogs(db);
  for (const schema of ["catalog", "plms"]) {
    await writeOnce(db, `${schema}.audit_log`);
    // At commit, so that the lock of the chain's end is held for no longer than that.
    await sql`
      create constraint trigger audit_log_is_chained after insert on ${sql.table(`${schema}.audit_log`)}
        deferrable initially deferred for each row execute function audit.append_row()`.execute(db);
  }
}

async function createLogs(db: Kysely<unknown>): Promise<void> {
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
      at timestamptz not null,
      token_id text
    )`.execute(db);
  await sql`create index audit_log_by_tenant on catalog.audit_log (tenant, seq desc)`.execute(db);
  await sql`create index audit_log_by_entity on catalog.audit_log (tenant, entity_id, seq desc)`.execute(db);
  await sql`create table plms.audit_log (like catalog.audit_log including all)`.execute(db);
}

async function chainTables(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table audit.chain_ends (
      log text primary key,
      position bigint not null,
      hash bytea not null
    )`.execute(db);
  await sql`insert into audit.chain_ends values ('catalog.audit_log', 0, ''), ('plms.audit_log', 0, '')`.execute(
    db,
  );
  await sql`
    create table audit.chain_links (
      log text not null references audit.chain_ends,
      position bigint not null,
      seq bigint not null,
      hash bytea not null,
      primary key (log, position),
      unique (log, seq)
    )`.execute(db);
  await sql`
    create trigger chain_is_append_only before update or delete or truncate on audit.chain_links
      for each statement execute function catalog.refuse_change()`.execute(db);
}

/** Nulls are left out of what is hashed, so that a column may be added later; times are in UTC. */
async function chainFunctions(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function audit.append(name text, row_seq bigint, entry jsonb) returns void
    language plpgsql set timezone = 'UTC' as $$
    declare
      chain_end audit.chain_ends;
      entry_text text;
    begin
      select jsonb_object_agg(key, value)::text into entry_text
        from jsonb_each(entry) where value <> 'null'::jsonb;
      select * into strict chain_end from audit.chain_ends where log = name for update;
      chain_end.position := chain_end.position + 1;
      chain_end.hash := sha256(chain_end.hash || convert_to(chain_end.position || ':' || entry_text, 'UTF8'));
      insert into audit.chain_links values (name, chain_end.position, row_seq, chain_end.hash);
      update audit.chain_ends set position = chain_end.position, hash = chain_end.hash where log = name;
    end $$`.execute(db);
  await sql`
    create function audit.append_row() returns trigger language plpgsql set timezone = 'UTC' as $$
    begin
      perform audit.append(tg_table_schema || '.' || tg_table_name, new.seq, to_jsonb(new));
      return null;
    end $$`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table catalog.audit_log, plms.audit_log`.execute(db);
  await sql`drop schema audit cascade`.execute(db);
}
