import { sql, type Insertable, type Kysely, type Transaction } from "kysely";
import { laneRows } from "./lanes.ts";
import { lx21 } from "./models/lx21.ts";
import { lx22 } from "./models/lx22.ts";
import { lx24 } from "./models/lx24.ts";
import { lx26 } from "./models/lx26.ts";
import { departments, routingStages, routingVersions, stations, workCenters } from "./organisation.ts";
import { productRows } from "./product-rows.ts";
import { DEMO_PROJECTS, type DemoProject } from "./projects.ts";
import { taskRows } from "./task-rows.ts";
import type { Database } from "../tables.ts";

/** Whose projects the demo data are, and who made them. */
const TENANT = "default";
const SEEDED_BY = "seed";

/**
 * Lanes, organisation, routing and products: what the services need to be of any use. Rows that exist already stay
 * as they are.
 */
export const seedReference = (db: Kysely<Database>): Promise<void> => once(db, insertReference);

/** The reference data and demo projects, six unless told otherwise. Rows that exist already stay as they are. */
export const seedDemo = (db: Kysely<Database>, projects = DEMO_PROJECTS): Promise<void> =>
  once(db, async (trx) => {
    await insertReference(trx);
    for (const project of projects) await insertProject(trx, project);
  });

/** All or nothing, and one process at a time. */
async function once(
  db: Kysely<Database>,
  insert: (trx: Transaction<Database>) => Promise<void>,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtext('lifecycle.seed'))`.execute(trx);
    await insert(trx);
  });
}

async function insertReference(trx: Transaction<Database>): Promise<void> {
  await insertMissing(trx, "plms.lanes", laneRows);
  await insertMissing(trx, "catalog.departments", departments);
  await insertMissing(trx, "catalog.work_centers", workCenters);
  await insertMissing(trx, "catalog.stations", stations);
  await insertMissing(trx, "catalog.routing_versions", routingVersions);
  await insertMissing(trx, "catalog.routing_stages", routingStages);
  const source = await trx.selectFrom("catalog.product_source").select("archived_at").executeTakeFirst();
  // Archived tables are not there to be filled.
  if (source?.archived_at) return;
  for (const model of [lx21, lx22, lx24, lx26]) {
    const rows = productRows(model);
    await insertMissing(trx, "catalog.product_models", rows.models);
    await insertMissing(trx, "catalog.product_trims", rows.trims);
    await insertMissing(trx, "catalog.configuration_sections", rows.sections);
    await insertMissing(trx, "catalog.configuration_components", rows.components);
    await insertMissing(trx, "catalog.configuration_options", rows.options);
    await insertMissing(trx, "catalog.configuration_dependencies", rows.dependencies);
  }
}

async function insertMissing<T extends keyof Database>(
  trx: Transaction<Database>,
  table: T,
  rows: readonly Insertable<Database[T]>[],
): Promise<void> {
  await trx
    .insertInto(table)
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function insertProject(trx: Transaction<Database>, project: DemoProject): Promise<void> {
  const existing = trx.selectFrom("plms.projects").select("id").where("tenant", "=", TENANT);
  const named = existing.where("name", "=", project.name).where("created_by", "=", SEEDED_BY);
  if (await named.executeTakeFirst()) return;
  const tasks = taskRows(project);
  const { id } = await trx
    .insertInto("plms.projects")
    .values({
      tenant: TENANT,
      name: project.name,
      prd_path: project.prdPath,
      status: project.status,
      budget_usd_max: budgetUsd(project, tasks),
      breach_policy: project.onExhausted,
      created_by: SEEDED_BY,
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  const products = project.products.map(({ modelId, trimId }, position) => ({
    project_id: id,
    position,
    model_id: modelId,
    trim_id: trimId ?? null,
  }));
  await trx.insertInto("plms.project_products").values(products).execute();
  await trx
    .insertInto("plms.task_estimates")
    .values(tasks.map((task) => ({ ...task, project_id: id })))
    .execute();
}

/** Whole dollars, as people set budgets. */
function budgetUsd(project: DemoProject, tasks: ReturnType<typeof taskRows>): number | null {
  if (project.budgetShare === undefined) return null;
  const estimated = tasks.reduce((sum, task) => sum + Number(task.estimated_cost_usd), 0);
  return Math.round(estimated * project.budgetShare);
}
