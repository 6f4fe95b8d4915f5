import { sql, type Kysely, type RawBuilder, type Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { TimeSpan } from "../../../lib/time-span.ts";
import type { PageRequest } from "../../kit/pagination.ts";
import type { Alert } from "../domain/budget-alerts.ts";
import type { AlertFilter, AlertGroup, Page } from "../operations/ports.ts";

const MOST_ALERTS = 100;

export function createAlertStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Newest first, at most a hundred. */
    list: async (tenant: string, state: Alert["state"] | undefined): Promise<Alert[]> => {
      let alerts = db.selectFrom("plms.alerts").selectAll().where("tenant", "=", tenant);
      if (state) alerts = alerts.where("state", "=", state);
      return (await alerts.orderBy("id", "desc").limit(MOST_ALERTS).execute()).map(toAlert);
    },
    /** Newest first. */
    page: async (tenant: string, filter: AlertFilter, page: PageRequest): Promise<Page<Alert>> => {
      const wanted = wantedAlerts(tenant, filter);
      const [direction, beyond] = directionOf(page.isBackwards ?? false);
      const { rows } = await sql<AlertRow & { total_count: number; page_position: string | null }>`
        select (select count(*)::int from plms.alerts where ${wanted}) as total_count, item.*
        from (values (true)) as always left join (
          select *, row_number() over (order by id ${direction}) as page_position from plms.alerts
          where ${wanted} and (${page.after ?? null}::bigint is null or id ${beyond} ${page.after ?? null}::bigint)
          order by id ${direction} limit ${page.first + 1}
        ) as item on true
        order by item.page_position`.execute(db);
      return {
        items: rows.filter(({ page_position }) => page_position !== null).map(toAlert),
        totalCount: rows[0]?.total_count ?? 0,
      };
    },
    /** How many there are of each kind; the most severe first, then the most frequent. */
    groups: async (tenant: string, filter: AlertFilter): Promise<AlertGroup[]> => {
      const { rows } = await sql<AlertGroup>`
        select kind, severity, count(*)::int as alerts, min(raised_at) as "oldestRaisedAt"
        from plms.alerts where ${wantedAlerts(tenant, filter)}
        group by kind, severity
        order by array_position(array['critical', 'warning', 'info'], severity), count(*) desc, kind`.execute(
        db,
      );
      return rows;
    },
    /** Those of a project that stood within a span of time, newest first. */
    within: async (projectId: string, { from, to }: TimeSpan, most: number): Promise<Alert[]> => {
      const alerts = db
        .selectFrom("plms.alerts")
        .selectAll()
        .where("project_id", "=", projectId)
        .where("raised_at", "<=", to)
        .where((alert) => alert.or([alert("resolved_at", "is", null), alert("resolved_at", ">=", from)]));
      return (await alerts.orderBy("id", "desc").limit(most).execute()).map(toAlert);
    },
  };
}

/** Newest first, unless it goes backwards. */
const directionOf = (isBackwards: boolean) =>
  isBackwards ? ([sql`asc`, sql`>`] as const) : ([sql`desc`, sql`<`] as const);

const wantedAlerts = (tenant: string, { state, kind, projectId }: AlertFilter): RawBuilder<unknown> =>
  sql.join(
    [
      sql`tenant = ${tenant}`,
      state && sql`state = ${state}`,
      kind && sql`kind = ${kind}`,
      projectId && sql`project_id = ${projectId}::bigint`,
    ].filter((condition) => condition !== undefined),
    sql` and `,
  );

/** What watchers of a tenant's alerts are told by. */
export const alertsChannelKey = (tenant: string): string => `alerts:${tenant}`;

type AlertRow = Selectable<PlmsDatabase["plms.alerts"]>;

const toAlert = (row: AlertRow): Alert => ({
  id: row.id,
  projectId: row.project_id,
  kind: row.kind,
  severity: row.severity,
  state: row.state,
  message: row.message,
  value: row.value,
  threshold: row.threshold,
  raisedAt: row.raised_at,
  resolvedAt: row.resolved_at,
});
