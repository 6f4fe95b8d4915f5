import { sql, type Kysely } from "kysely";
import { writeOnce } from "./append-only.ts";

/** Work orders, every version of each, and what the product's source had said when they were created. */
export async function createWorkOrders(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.product_payloads (
      sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
      payload jsonb not null,
      created_at timestamptz not null default now(),
      configuration_sha256 text references catalog.documents,
      answer_sha256 text references catalog.documents,
      option_ids_sha256 text references catalog.documents
    )`.execute(db);
  await writeOnce(db, "catalog.product_payloads");
  await createOrders(db);
  await keepOrigin(db);
  await sql`
    create table catalog.work_order_versions (
      work_order_id bigint not null references catalog.work_orders,
      number integer not null check (number >= 1),
      snapshot jsonb not null,
      schema_hash text not null,
      data_source text not null check (data_source in ('mrp', 'plm')),
      plm_correlation_id text,
      plm_schema_version text,
      payload_sha256 text not null references catalog.product_payloads,
      reason text not null,
      created_by text not null,
      created_at timestamptz not null,
      primary key (work_order_id, number)
    )`.execute(db);
  await writeOnce(db, "catalog.work_order_versions");
  await sql`
    create table catalog.work_order_stage_logs (
      id bigint generated always as identity primary key,
      work_order_id bigint not null references catalog.work_orders,
      stage_code text not null,
      station_id text not null,
      event text not null check (event in ('start', 'pause', 'complete')),
      good_qty integer not null default 0 check (good_qty >= 0),
      scrap_qty integer not null default 0 check (scrap_qty >= 0),
      note text,
      actor text not null,
      at timestamptz not null
    )`.execute(db);
  await sql`create index work_order_stage_logs_by_order on catalog.work_order_stage_logs (work_order_id, id)`.execute(
    db,
  );
  await sql`
    create table catalog.idempotency_keys (
      tenant text not null,
      principal text not null,
      operation text not null,
      key text not null,
      fingerprint text not null,
      work_order_id bigint references catalog.work_orders,
      created_at timestamptz not null default now(),
      expires_at timestamptz not null,
      primary key (tenant, principal, operation, key)
    )`.execute(db);
  await sql`create index idempotency_keys_by_expiry on catalog.idempotency_keys (expires_at)`.execute(db);
}

async function createOrders(db: Kysely<unknown>): Promise<void> {
  await sql`create sequence catalog.work_order_numbers`.execute(db);
  await sql`
    create table catalog.work_orders (
      id bigint generated always as identity primary key,
      tenant text not null,
      number text not null unique default 'WO-' || lpad(nextval('catalog.work_order_numbers')::text, 6, '0'),
      hull_id text,
      product_sku text not null,
      model_id text not null,
      trim_id text,
      project_id text,
      qty integer not null check (qty >= 1),
      status text not null check (status in (
        'planned', 'released', 'in_progress', 'hold', 'completed', 'closed', 'cancelled')),
      held_from text check (held_from in ('planned', 'released', 'in_progress')),
      priority text not null check (priority in ('low', 'normal', 'high', 'critical')),
      planned_start_at timestamptz,
      planned_finish_at timestamptz,
      routing_version_id text not null references catalog.routing_versions,
      current_stage_index integer not null default 0 check (current_stage_index >= 0),
      current_department_id text not null references catalog.departments,
      spec_snapshot jsonb not null,
      data_source text not null check (data_source in ('mrp', 'plm')),
      plm_correlation_id text,
      plm_schema_version text,
      payload_sha256 text not null references catalog.product_payloads,
      version_number integer not null check (version_number >= 1),
      created_by text not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      check ((status = 'hold') = (held_from is not null))
    )`.execute(db);
  await sql`create index work_orders_by_tenant on catalog.work_orders (tenant, id desc)`.execute(db);
  await sql`create index work_orders_by_status on catalog.work_orders (tenant, status, id desc)`.execute(db);
  await sql`create index work_orders_by_department on catalog.work_orders (tenant, current_department_id, id desc)`.execute(
    db,
  );
  await sql`create index work_orders_by_project on catalog.work_orders (project_id, tenant, id desc) where project_id is not null`.execute(
    db,
  );
}

/** Whose an order is and where its product comes from is never changed. Its trim may be, as a new version. */
async function keepOrigin(db: Kysely<unknown>): Promise<void> {
  const of = (row: string) => sql.raw(ORIGIN.map((column) => `${row}.${column}`).join(", "));
  await sql`
    create function catalog.keep_origin() returns trigger language plpgsql as $$
    begin
      if (${of("new")}) is distinct from (${of("old")}) then
        raise exception 'the origin of work order % is fixed', old.number using errcode = 'restrict_violation';
      end if;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger work_orders_keep_origin before update on catalog.work_orders
      for each row execute function catalog.keep_origin()`.execute(db);
}

const ORIGIN = [
  "tenant",
  "model_id",
  "data_source",
  "plm_correlation_id",
  "plm_schema_version",
  "payload_sha256",
  "created_by",
  "created_at",
];
