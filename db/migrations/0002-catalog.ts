import { sql, type Kysely } from "kysely";

/** The MRP: its organisation, routing and product tables; and the history of circuits. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create schema catalog`.execute(db);
  await organisation(db);
  await products(db);
  await configuration(db);
  await sql`
    create table catalog.circuit_transitions (
      id bigint generated always as identity primary key,
      circuit text not null,
      from_state text not null check (from_state in ('closed', 'open', 'half_open', 'isolated')),
      to_state text not null check (to_state in ('closed', 'open', 'half_open', 'isolated')),
      cause text,
      at timestamptz not null
    )`.execute(db);
  await sql`create index circuit_transitions_by_circuit on catalog.circuit_transitions (circuit, id desc)`.execute(
    db,
  );
}

async function organisation(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.departments (
      id text primary key,
      name text not null unique
    )`.execute(db);
  await sql`
    create table catalog.work_centers (
      id text primary key,
      name text not null unique,
      department_id text not null references catalog.departments,
      is_active boolean not null default true
    )`.execute(db);
  await sql`
    create table catalog.stations (
      id text primary key,
      code text not null unique,
      name text not null,
      work_center_id text not null references catalog.work_centers,
      is_active boolean not null default true
    )`.execute(db);
  await sql`
    create table catalog.routing_versions (
      id text primary key,
      model text not null,
      trim text,
      version integer not null default 1,
      status text not null default 'draft' check (status in ('draft', 'released')),
      released_at timestamptz,
      unique nulls not distinct (model, trim, version)
    )`.execute(db);
  await sql`
    create table catalog.routing_stages (
      id text primary key,
      routing_version_id text not null references catalog.routing_versions on delete cascade,
      sequence integer not null,
      code text not null,
      name text not null,
      enabled boolean not null default true,
      work_center_id text not null references catalog.work_centers,
      standard_stage_seconds integer not null check (standard_stage_seconds >= 0),
      unique (routing_version_id, sequence)
    )`.execute(db);
}

/** The tables of models and trims; made again when an archive of them is restored. */
export async function products(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.product_models (
      id text primary key,
      code text not null unique,
      name text not null,
      description text,
      is_active boolean not null default true,
      updated_at timestamptz not null default now()
    )`.execute(db);
  await sql`
    create table catalog.product_trims (
      id text primary key,
      model_id text not null references catalog.product_models on delete cascade,
      code text not null unique,
      name text not null,
      description text,
      sort_order integer not null default 0,
      is_active boolean not null default true,
      unique (model_id, name)
    )`.execute(db);
}

/** The tables of what models can be built with; made again when an archive of them is restored. */
export async function configuration(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table catalog.configuration_sections (
      id text primary key,
      model_id text not null references catalog.product_models on delete cascade,
      trim_id text references catalog.product_trims on delete cascade,
      code text not null,
      name text not null,
      sort_order integer not null default 0,
      is_required boolean not null default true,
      unique nulls not distinct (model_id, trim_id, code)
    )`.execute(db);
  await sql`
    create table catalog.configuration_components (
      id text primary key,
      section_id text not null references catalog.configuration_sections on delete cascade,
      code text not null,
      name text not null,
      is_required boolean not null default true,
      allow_multiple boolean not null default false,
      sort_order integer not null default 0,
      unique (section_id, code)
    )`.execute(db);
  await sql`
    create table catalog.configuration_options (
      id text primary key,
      component_id text not null references catalog.configuration_components on delete cascade,
      code text not null,
      part_number text,
      name text not null,
      is_active boolean not null default true,
      is_default boolean not null default false,
      sort_order integer not null default 0,
      unique (component_id, code)
    )`.execute(db);
  await sql`
    create unique index configuration_options_one_default
      on catalog.configuration_options (component_id) where is_default`.execute(db);
  await sql`
    create table catalog.configuration_dependencies (
      option_id text not null references catalog.configuration_options on delete cascade,
      depends_on_option_id text not null references catalog.configuration_options on delete cascade,
      dependency_type text not null check (dependency_type in ('requires', 'excludes')),
      primary key (option_id, depends_on_option_id, dependency_type),
      check (option_id <> depends_on_option_id)
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop schema catalog cascade`.execute(db);
}
