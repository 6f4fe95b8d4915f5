import { sql, type Kysely } from "kysely";

/**
 * What happens is told to the broker of the event streams from an outbox: a row for each topic is written by the statement that
 * changes the alert or the difference, so nothing that was committed goes untold.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema if not exists events`.execute(db);
  await sql`
    create function events.text_of(at timestamptz) returns text language sql stable as
    $$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$`.execute(db);
  for (const schema of ["plms", "catalog"]) await createOutbox(db, schema);
  await sql`
    create function plms.tell_alert() returns trigger language plpgsql as $$
    begin
      perform plms.tell_event(
        array[array['alert', new.tenant, new.project_id::text], array['alert', new.tenant, null]],
        jsonb_build_object('id', new.id::text, 'kind', upper(new.kind), 'severity', upper(new.severity),
          'state', upper(new.state), 'message', new.message, 'subject', 'project:' || new.project_id,
          'raisedAt', events.text_of(new.raised_at), 'resolvedAt', events.text_of(new.resolved_at),
          'acknowledgedAt', null, 'acknowledgedBy', null, 'value', new.value, 'threshold', new.threshold));
      return null;
    end $$`.execute(db);
  // Other words for what stands already are no news.
  await sql`
    create trigger tell_new_alert after insert on plms.alerts for each row execute function plms.tell_alert()`.execute(
    db,
  );
  await sql`
    create trigger tell_alert after update on plms.alerts for each row
    when ((old.state, old.kind) is distinct from (new.state, new.kind)) execute function plms.tell_alert()`.execute(
    db,
  );
  await createCatalogTriggers(db);
}

async function createCatalogTriggers(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function catalog.tell_alert() returns trigger language plpgsql as $$
    begin
      perform catalog.tell_event(array[array['alert']],
        jsonb_build_object('id', new.id::text, 'kind', new.kind, 'severity', upper(new.severity), 'state', upper(new.state),
          'message', new.message, 'subject', new.subject, 'raisedAt', events.text_of(new.raised_at),
          'resolvedAt', events.text_of(new.resolved_at), 'acknowledgedAt', events.text_of(new.acknowledged_at),
          'acknowledgedBy', new.acknowledged_by, 'value', new.value, 'threshold', new.threshold));
      return null;
    end $$`.execute(db);
  await sql`
    create trigger tell_alert after insert or update on catalog.plm_alerts for each row execute function catalog.tell_alert()`.execute(
    db,
  );
  await sql`
    create function catalog.tell_diff() returns trigger language plpgsql as $$
    begin
      perform catalog.tell_event(array[array['diff', upper(new.severity)], array['diff', null]],
        jsonb_build_object('id', new.id::text, 'modelCode', new.model_code, 'path', new.path, 'kind', upper(new.kind),
          'severity', upper(new.severity), 'mrp', new.mrp_value, 'plm', new.plm_value, 'occurrences', new.occurrences,
          'firstSeenAt', events.text_of(new.first_seen_at), 'lastSeenAt', events.text_of(new.last_seen_at),
          'correlationId', new.correlation_id, 'classification', upper(new.classification), 'note', new.note,
          'acknowledgedBy', new.acknowledged_by));
      return null;
    end $$`.execute(db);
  await sql`
    create trigger tell_diff after insert on catalog.shadow_diffs for each row execute function catalog.tell_diff()`.execute(
    db,
  );
}

/** `tell_event(topics, message)`: each topic as its parts, of which null stands for no value. */
async function createOutbox(db: Kysely<unknown>, schema: string): Promise<void> {
  const table = sql.table(`${schema}.event_outbox`);
  await sql`
    create table ${table} (
      id bigint generated always as identity primary key,
      message_id text not null default gen_random_uuid()::text,
      topic jsonb not null,
      message jsonb not null,
      told_at timestamptz not null default clock_timestamp(),
      refused text
    )`.execute(db);
  const channel = sql.lit(`${schema}_event_outbox`);
  await sql`
    create function ${sql.id(schema, "tell_event")}(topics text[][], message jsonb) returns void language plpgsql as ${sql.raw("$body$")}
    begin
      insert into ${table} (topic, message)
      select (select jsonb_agg(topics[nth][part] order by part) from generate_subscripts(topics, 2) as part), message
      from generate_subscripts(topics, 1) as nth;
      perform pg_notify(${channel}, '@' || pg_current_xact_id()::text);
    end ${sql.raw("$body$")}`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop trigger tell_new_alert on plms.alerts`.execute(db);
  await sql`drop trigger tell_alert on plms.alerts`.execute(db);
  await sql`drop trigger tell_alert on catalog.plm_alerts`.execute(db);
  await sql`drop trigger tell_diff on catalog.shadow_diffs`.execute(db);
  await sql`drop function plms.tell_alert, plms.tell_event, catalog.tell_alert, catalog.tell_diff, catalog.tell_event`.execute(
    db,
  );
  await sql`drop table plms.event_outbox, catalog.event_outbox`.execute(db);
  await sql`drop schema events cascade`.execute(db);
}
