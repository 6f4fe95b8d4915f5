import { sql, type Kysely } from "kysely";

/**
 * Ties every row of an audit log to the one before it: changing, removing or slipping in a row breaks the chain from
 * there on. PLMS gets a log of the same shape as the catalogue's. See docs/decisions/0070-audit-chain.md.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table catalog.audit_log add column token_id text`.execute(db);
  await sql`create table plms.audit_log (like catalog.audit_log including all)`.execute(db);
  await sql`
    create trigger audit_log_is_append_only before update or delete or truncate on plms.audit_log
      for each statement execute function catalog.refuse_change()`.execute(db);
  await chainTables(db);
  await chainFunctions(db);
  await sql`
    do $$ declare entry record; begin
      for entry in select * from catalog.audit_log order by seq loop
        perform audit.append('catalog.audit_log', entry.seq, to_jsonb(entry));
      end loop;
    end $$`.execute(db);
  for (const schema of ["catalog", "plms"]) {
    // At commit, so that the lock of the chain's end is held for no longer than that.
    await sql`
      create constraint trigger audit_log_is_chained after insert on ${sql.table(`${schema}.audit_log`)}
        deferrable initially deferred for each row execute function audit.append_row()`.execute(db);
  }
}

async function chainTables(db: Kysely<unknown>): Promise<void> {
  await sql`create schema audit`.execute(db);
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
  await sql`drop trigger audit_log_is_chained on catalog.audit_log`.execute(db);
  await sql`drop table plms.audit_log`.execute(db);
  await sql`drop schema audit cascade`.execute(db);
  await sql`alter table catalog.audit_log drop column token_id`.execute(db);
}
