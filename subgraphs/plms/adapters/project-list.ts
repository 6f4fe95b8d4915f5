import { sql, type Kysely, type RawBuilder } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { usdFromNumeric } from "../../../lib/usd.ts";
import type { ProjectStatus } from "../domain/project.ts";
import type { PlaceInOrder, ProjectSort } from "../domain/project-order.ts";
import type { RunwayStatus } from "../domain/runway-status.ts";
import type { ListedProject, Page, ProjectListQuery, ProjectSummary } from "../operations/ports.ts";
import { toProject, type ProjectRow } from "./rows.ts";

/** Projects of a tenant by what people look for, and what all of them add up to. */
export function createProjectList(db: Kysely<PlmsDatabase>) {
  return {
    page: async (tenant: string, query: ProjectListQuery): Promise<Page<ListedProject>> => {
      const wanted = wantedOf(tenant, query);
      const { rows } = await sql<ListRow>`
        select (select count(*)::int from plms.projects as project where ${wanted}) as total_count, item.*
        from (values (true)) as always left join (${pageOf(query, wanted)}) as item on true
        order by item.page_position`.execute(db);
      return {
        items: rows
          .filter(({ page_position }) => page_position !== null)
          .map((row) => ({ project: toProject(row), key: row.sort_key })),
        totalCount: rows[0]?.total_count ?? 0,
      };
    },
    /** @param today as `YYYY-MM-DD`, in UTC */
    summary: (tenant: string, today: string): Promise<ProjectSummary> => readSummary(db, tenant, today),
  };
}

/** A project of the page; an empty page is one row without a project. */
type ListRow = ProjectRow & { sort_key: string; page_position: string | null; total_count: number };

/** What each order goes by. */
const KEYS: Readonly<Record<Exclude<ProjectSort, "created">, RawBuilder<unknown>>> = {
  name: sql`lower(project.name)`,
  spent: sql`(select coalesce(sum(usd_spent), 0) from plms.project_runs where project_id = project.id)`,
  danger: sql`coalesce((
    select array_position(array['warning', 'critical'], status) from plms.project_runways where project_id = project.id), 0)`,
};

const TYPES: Readonly<Record<Exclude<ProjectSort, "created">, string>> = {
  name: "text",
  spent: "numeric",
  danger: "integer",
};

/** The page's projects, and one more where it goes on. */
function pageOf(
  { sort, isFalling, place, first, isBackwards }: ProjectListQuery,
  wanted: RawBuilder<unknown>,
): RawBuilder<unknown> {
  const isRising = isFalling === isBackwards;
  const direction = sql.raw(isRising ? "asc" : "desc");
  const beyond = sql.raw(isRising ? ">" : "<");
  const [key, order] =
    sort === "created"
      ? [sql`''`, sql`project.id ${direction}`]
      : [sql`(${KEYS[sort]})::text`, sql`${KEYS[sort]} ${direction}, project.id ${direction}`];
  return sql`
    select project.*, ${key} as sort_key, row_number() over (order by ${order}) as page_position
    from plms.projects as project
    where ${wanted}${place === undefined ? sql`` : sql` and ${isBeyond(place)}`}
    order by ${order} limit ${first + 1}`;

  function isBeyond({ id, key: text }: PlaceInOrder) {
    if (sort === "created") return sql`project.id ${beyond} ${id}::bigint`;
    return sql`(${KEYS[sort]}, project.id) ${beyond} (${text}::${sql.raw(TYPES[sort])}, ${id}::bigint)`;
  }
}

function wantedOf(
  tenant: string,
  { status, search, runway, modelId }: ProjectListQuery,
): RawBuilder<unknown> {
  const conditions = [
    sql`project.tenant = ${tenant}`,
    status && sql`project.status = ${status}`,
    search && sql`(strpos(lower(project.name), lower(${search}::text)) > 0 or project.id::text = ${search})`,
    runway && standsAt(runway),
    modelId && sql`project.id in (select project_id from plms.project_products where model_id = ${modelId})`,
  ];
  return sql.join(
    conditions.filter((condition) => condition !== undefined),
    sql` and `,
  );
}

/** What was never looked at is unknown. */
const standsAt = (status: RunwayStatus): RawBuilder<unknown> =>
  status === "unknown"
    ? sql`not exists (select from plms.project_runways where project_id = project.id and status <> 'unknown')`
    : sql`project.id in (select project_id from plms.project_runways where status = ${status})`;

async function readSummary(db: Kysely<PlmsDatabase>, tenant: string, today: string): Promise<ProjectSummary> {
  const { rows } = await sql<{
    statuses: Partial<Record<ProjectStatus, number>> | null;
    dangers: Partial<Record<RunwayStatus, number>> | null;
    usd_spent: string;
    usd_today: string;
    firing_alerts: number;
  }>`
    select
      (select json_object_agg(status, projects) from (
        select status, count(*) as projects from plms.projects where tenant = ${tenant} group by status) as by_status
      ) as statuses,
      (select json_object_agg(status, projects) from (
        select runway.status, count(*) as projects
        from plms.project_runways as runway join plms.projects as project on project.id = runway.project_id
        where runway.status in ('warning', 'critical') and project.tenant = ${tenant} group by runway.status) as by_danger
      ) as dangers,
      (select coalesce(sum(run.usd_spent), 0)
        from plms.project_runs as run join plms.projects as project on project.id = run.project_id
        where project.tenant = ${tenant}) as usd_spent,
      (select coalesce(sum(spent.usd_spent), 0)
        from plms.project_days as spent join plms.projects as project on project.id = spent.project_id
        where spent.day = ${today}::date and project.tenant = ${tenant}) as usd_today,
      (select count(*)::int from plms.alerts where tenant = ${tenant} and state = 'firing') as firing_alerts`.execute(
    db,
  );
  const [row] = rows;
  return {
    byStatus: row?.statuses ?? {},
    critical: row?.dangers?.critical ?? 0,
    warning: row?.dangers?.warning ?? 0,
    usdSpent: usdFromNumeric(row?.usd_spent ?? "0"),
    usdSpentToday: usdFromNumeric(row?.usd_today ?? "0"),
    firingAlerts: row?.firing_alerts ?? 0,
  };
}
