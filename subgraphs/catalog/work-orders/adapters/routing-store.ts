import { sql, type Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { RoutingChoice, Station } from "../operations/ports.ts";

/** Routings of the MRP. */
export const createRoutingStore = (db: Kysely<CatalogDatabase>) => ({
  find: (id: string): Promise<RoutingChoice | undefined> => findRouting(db, id),
  /** The newest routing of the trim (by its name), or of the model as such (both by code of the model). */
  newestFor: async (model: string, trim: string | null): Promise<RoutingChoice | undefined> => {
    const newest = await db
      .selectFrom("catalog.routing_versions")
      .select("id")
      .where("model", "=", model)
      .where(sql<boolean>`trim is not distinct from ${trim}`)
      .orderBy("version", "desc")
      .limit(1)
      .executeTakeFirst();
    return newest && findRouting(db, newest.id);
  },
});

/** A routing with its stages, and which departments can work. */
export async function findRouting(
  db: Kysely<CatalogDatabase>,
  id: string,
): Promise<RoutingChoice | undefined> {
  const routing = await db
    .selectFrom("catalog.routing_versions")
    .select(["id", "model", "trim", "version", "status"])
    .where("id", "=", id)
    .executeTakeFirst();
  if (!routing) return undefined;
  const stages = await db
    .selectFrom("catalog.routing_stages as stage")
    .innerJoin("catalog.work_centers as center", "center.id", "stage.work_center_id")
    .innerJoin("catalog.departments as department", "department.id", "center.department_id")
    .select([
      "stage.id",
      "stage.code",
      "stage.name",
      "stage.sequence",
      "stage.enabled",
      "stage.work_center_id as workCenterId",
      "stage.standard_stage_seconds as standardStageSeconds",
      "department.id as departmentId",
      "department.name as department",
    ])
    .where("stage.routing_version_id", "=", id)
    .orderBy("stage.sequence")
    .execute();
  return { routing: { ...routing, stages }, activeDepartments: await activeDepartments(db) };
}

async function activeDepartments(db: Kysely<CatalogDatabase>): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom("catalog.work_centers as center")
    .innerJoin("catalog.departments as department", "department.id", "center.department_id")
    .select("department.name")
    .distinct()
    .where("center.is_active", "=", true)
    .execute();
  return new Set(rows.map(({ name }) => name));
}

/** Stations of a work center by code, inactive ones too; none while the work center itself is inactive. */
export const stationsOf = (db: Kysely<CatalogDatabase>, workCenterId: string): Promise<Station[]> =>
  db
    .selectFrom("catalog.stations as station")
    .innerJoin("catalog.work_centers as center", "center.id", "station.work_center_id")
    .select([
      "station.id",
      "station.code",
      "station.is_active as isActive",
      "station.work_center_id as workCenterId",
    ])
    .where("station.work_center_id", "=", workCenterId)
    .where("center.is_active", "=", true)
    .orderBy("station.code")
    .execute();
