import type { TaskFilter, ById, Page } from "../operations/ports.ts";
import type { Lane, Task, ProductTarget, Project } from "../domain/project.ts";
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { PageRequest } from "../../kit/pagination.ts";
import { pagesByParent } from "./pages-by-parent.ts";
import { toLane, toProject, toTask, type ProjectRow, type TaskRow } from "./rows.ts";

/**
 * Projects, their products and tasks, and the lanes. Cursors are the sort key of the last item seen: ids, or `orderIndex`
 * for tasks. Ids are row ids.
 */
export function createProjectStore(db: Kysely<PlmsDatabase>) {
  return {
    byIds: async (tenant: string, ids: readonly string[]): Promise<Project[]> => {
      const projects = db.selectFrom("plms.projects").selectAll().where("tenant", "=", tenant);
      return (await projects.where("id", "in", [...ids]).execute()).map(toProject);
    },
    /** Oldest first, by model id. */
    byModels: (
      tenant: string,
      modelIds: readonly string[],
      page: PageRequest,
    ): Promise<ById<Page<Project>>> =>
      projectPages(db, page, {
        parentIds: modelIds,
        where: sql`tenant = ${tenant}
          and id in (select project_id from plms.project_products where model_id = parent.id)`,
      }),
    products: (projectIds: readonly string[]): Promise<ById<ProductTarget[]>> => productsOf(db, projectIds),
    /** In execution order, by project. */
    tasks: (
      projectIds: readonly string[],
      { first, after, laneId, complexity, isCharged }: PageRequest & TaskFilter,
    ): Promise<ById<Page<Task>>> => {
      const ofProject = sql`project_id = parent.id
        and (${laneId ?? null}::int is null or lane_id = ${laneId ?? null})
        and (${complexity ?? null}::text is null or complexity = ${complexity ?? null})
        and (${isCharged ?? null}::boolean is null
          or exists (select from plms.run_tasks where task_id = task_estimates.id) = ${isCharged ?? null})`;
      return pagesByParent(db, {
        parentIds: projectIds,
        parentType: "bigint",
        items: sql`
          select *, row_number() over (order by order_index) as page_position from plms.task_estimates
          where ${ofProject} and order_index > ${after ?? "-1"}::bigint order by order_index limit ${first + 1}`,
        total: sql`select count(*) from plms.task_estimates where ${ofProject}`,
        toItem: (row: TaskRow) => toTask(row),
      });
    },
    /** Every task in execution order. */
    allTasks: async (projectId: string): Promise<Task[]> => {
      const tasks = db.selectFrom("plms.task_estimates").selectAll().where("project_id", "=", projectId);
      return (await tasks.orderBy("order_index").execute()).map(toTask);
    },
    lanes: async (): Promise<Lane[]> => {
      const lanes = await db.selectFrom("plms.lanes").selectAll().orderBy("id").execute();
      return lanes.map(toLane);
    },
  };
}

/** Pages of the projects of each parent, oldest first; `where` says which are `parent.id`'s. */
const projectPages = (
  db: Kysely<PlmsDatabase>,
  { first, after }: PageRequest,
  { parentIds, where }: { parentIds: readonly string[]; where: RawBuilder<unknown> },
): Promise<Map<string, Page<Project>>> =>
  pagesByParent(db, {
    parentIds,
    parentType: "text",
    items: sql`
      select *, row_number() over (order by id) as page_position from plms.projects
      where ${where} and id > ${after ?? "0"}::bigint order by id limit ${first + 1}`,
    total: sql`select count(*) from plms.projects where ${where}`,
    toItem: (row: ProjectRow) => toProject(row),
  });

async function productsOf(
  db: Kysely<PlmsDatabase>,
  projectIds: readonly string[],
): Promise<Map<string, ProductTarget[]>> {
  const rows = await db
    .selectFrom("plms.project_products")
    .selectAll()
    .where("project_id", "in", [...projectIds])
    .orderBy("project_id")
    .orderBy("position")
    .execute();
  const products = new Map<string, ProductTarget[]>();
  for (const { project_id, model_id, trim_id } of rows) {
    const ofProject = products.get(project_id) ?? [];
    products.set(project_id, [...ofProject, { modelId: model_id, trimId: trim_id }]);
  }
  return products;
}
