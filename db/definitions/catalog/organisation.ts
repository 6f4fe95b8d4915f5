import { sql, type Kysely } from "kysely";

/** Who builds in the MRP, and where: departments, work centers, stations, and the stages that a product passes. */
export async function createOrganisation(db: Kysely<unknown>): Promise<void> {
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
