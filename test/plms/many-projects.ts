import { sql, type Kysely } from "kysely";
import type { Database } from "../../db/tables.ts";

interface ManyProjects {
  count: number;
  tenant?: string;
}

/** One project in so many is executing, is warned of, or is in danger; of two hundred one is warned of, and one more in danger. */
export const EVERY = { executing: 20, critical: 200, warning: 200 } as const;

const ALARMED = EVERY.critical / 2;

/**
 * Projects as a large customer has them, each with a task and a run of its own, made by statements: through the API
 * they would take minutes.
 */
export async function insertManyProjects(
  db: Kysely<Database>,
  { count, tenant = "default" }: ManyProjects,
): Promise<void> {
  await sql`
    insert into plms.lanes (id, name) values (4200, 'Code-API') on conflict do nothing`.execute(db);
  await sql`
    with project as (
      insert into plms.projects (tenant, name, status, budget_usd_max, created_by)
      select ${tenant},
        (array['Harbour', 'breeze', 'Capstan', 'Dinghy', 'étrave', 'Foresail', 'galley'])[1 + n % 7] || ' ' || (n * 7919 % ${count}::int),
        case when n % ${EVERY.executing} = 0 then 'executing' when n % 3 = 0 then 'completed' else 'approved' end,
        case when n % ${ALARMED} = 0 then n % 97 + 1 else 100 end, 'test'
      from generate_series(1, ${count}::int) as n order by n
      returning id, status
    ), numbered as (
      select id, status, row_number() over (order by id) as n from project
    ), product as (
      insert into plms.project_products (project_id, position, model_id)
      select id, 0, 'lx' || (22 + 2 * (n % 3)) from numbered
    ), task as (
      insert into plms.task_estimates (project_id, order_index, name, lane_id, complexity, estimated_tokens,
        estimated_duration_ms, estimated_cost_usd)
      select id, 0, 'The work', 4200, 'simple', 1000, 60000, 10 from numbered
    ), runway as (
      insert into plms.project_runways (project_id, status, evaluated_at)
      select id, case when n % ${EVERY.warning} = 0 then 'warning' when n % ${ALARMED} = 0 then 'critical' else 'ok' end, now()
      from numbered
    )
    insert into plms.project_runs (project_id, kind, status, provider_matrix, tasks_total, created_by, started_at, completed_at, usd_spent)
    select id, 'baseline', case when status = 'executing' then 'executing' else 'completed' end, '{}', 1, 'test', now(),
      case when status = 'executing' then null else now() end, n % 97
    from numbered where status <> 'approved'`.execute(db);
  await sql`analyze plms.projects, plms.project_runs, plms.project_runways, plms.project_products, plms.task_estimates`.execute(
    db,
  );
}
