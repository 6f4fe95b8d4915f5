import { sql, type Kysely } from "kysely";

/** The MRP's product tables, parents before children. An archive of the products holds their rows. */
export const PRODUCT_TABLES = [
  "product_models",
  "product_trims",
  "configuration_sections",
  "configuration_components",
  "configuration_options",
  "configuration_dependencies",
] as const;

/** The product tables, empty; made again when an archive of them is restored. */
export async function createProductTables(db: Kysely<unknown>): Promise<void> {
  await createModels(db);
  await createConfiguration(db);
}

async function createModels(db: Kysely<unknown>): Promise<void> {
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

async function createConfiguration(db: Kysely<unknown>): Promise<void> {
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
      quantity numeric not null default 1 check (quantity >= 0),
      unit text not null default 'C62' check (unit ~ '^[A-Z0-9]{2,3}$'),
      is_required boolean not null default false,
      details jsonb,
      unique (component_id, code)
    )`.execute(db);
  await sql`
    create table catalog.configuration_dependencies (
      option_id text not null references catalog.configuration_options on delete cascade,
      depends_on_option_id text not null references catalog.configuration_options on delete cascade,
      dependency_type text not null check (dependency_type in ('requires', 'excludes')),
      primary key (option_id, depends_on_option_id, dependency_type),
      check (option_id <> depends_on_option_id)
    )`.execute(db);
}

/** Lets the product tables follow the source of truth; again when an archive of them is restored. */
export async function guardProducts(db: Kysely<unknown>): Promise<void> {
  for (const table of PRODUCT_TABLES) {
    await sql`
      create trigger ${sql.ref(`${table}_follow_the_plm`)} after insert or update or delete
        on ${sql.table(`catalog.${table}`)} for each row execute function catalog.keep_products()`.execute(
      db,
    );
  }
}
