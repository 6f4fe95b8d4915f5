import type {
  AlertFilter,
  AlertListRequest,
  AlertSort,
  AlertState,
  PlacedAlert,
  PlmAlert,
} from "../operations/ports.ts";
import { inside, outside } from "../../../kit/enums.ts";
import { isRowId } from "../../../kit/row-id.ts";
import { sql, type Kysely, type RawBuilder, type Selectable, type SqlBool } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { createObservations } from "./observations.ts";
import type { Clock } from "../../../../lib/clock.ts";

type Row = Selectable<CatalogDatabase["catalog.plm_alerts"]>;

const SHOWN = 100;

/** Alerts in `catalog.plm_alerts`, where an index keeps two replicas from raising the same one. */
export function createPlmAlerts(db: Kysely<CatalogDatabase>) {
  const alerts = () => db.selectFrom("catalog.plm_alerts").selectAll().orderBy("id", "desc").limit(SHOWN);
  return {
    /** Newest first, a hundred at most. */
    list: async (state: AlertState | null | undefined): Promise<PlmAlert[]> => {
      const found = state ? alerts().where("state", "=", inside(state)) : alerts();
      return (await found.execute()).map(toAlert);
    },
    /** Those that a filter finds, in an order of the caller's choice; one more than the page takes. */
    page: (
      filter: AlertFilter,
      request: AlertListRequest,
    ): Promise<{ items: PlacedAlert[]; totalCount: number }> => pageOfAlerts(db, filter, request),
    byId: async (id: string): Promise<PlmAlert | undefined> => {
      const row = await alerts()
        .where("id", "=", isRowId(id) ? id : "0")
        .executeTakeFirst();
      return row && toAlert(row);
    },
    /** Those that are not resolved. */
    open: async (): Promise<PlmAlert[]> =>
      (await alerts().where("state", "<>", "resolved").execute()).map(toAlert),
    /** Undefined when another replica has raised it already. */
    raise: async ({
      raisedAt,
      severity,
      ...alert
    }: Omit<PlmAlert, "id" | "state" | "resolvedAt" | "acknowledgedAt" | "acknowledgedBy">): Promise<
      PlmAlert | undefined
    > => {
      const row = await db
        .insertInto("catalog.plm_alerts")
        .values({ ...alert, severity: inside(severity), state: "firing", raised_at: raisedAt })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      return row && toAlert(row);
    },
    /** Undefined when there is no such alert, or it is over. */
    acknowledge: async (
      id: string,
      { subject, at }: { subject: string; at: Date },
    ): Promise<PlmAlert | undefined> => {
      const row = await db
        .updateTable("catalog.plm_alerts")
        .set({ state: "acknowledged", acknowledged_at: at, acknowledged_by: subject })
        .where("id", "=", isRowId(id) ? id : "0")
        .where("state", "<>", "resolved")
        .returningAll()
        .executeTakeFirst();
      return row && toAlert(row);
    },
    /** Undefined when another replica has resolved it already. */
    resolve: async (kind: string, at: Date): Promise<PlmAlert | undefined> => {
      const row = await db
        .updateTable("catalog.plm_alerts")
        .set({ state: "resolved", resolved_at: at })
        .where("kind", "=", kind)
        .where("state", "<>", "resolved")
        .returningAll()
        .executeTakeFirst();
      return row && toAlert(row);
    },
  };
}

/** By what alerts are sorted, as text; those that are equal in it by their ids. */
const SORTS: Readonly<Record<AlertSort, RawBuilder<string>>> = {
  RAISED: sql`''::text`,
  SEVERITY: sql`array_position(array['info', 'warning', 'critical'], severity)::text`,
  KIND: sql`kind collate "C"`,
  STATE: sql`array_position(array['resolved', 'acknowledged', 'firing'], state)::text`,
};

async function pageOfAlerts(
  db: Kysely<CatalogDatabase>,
  { state, severity, search }: AlertFilter,
  { first, after, sort, isFalling }: AlertListRequest,
): Promise<{ items: PlacedAlert[]; totalCount: number }> {
  let found = db.selectFrom("catalog.plm_alerts");
  if (state) found = found.where("state", "=", inside(state));
  if (severity) found = found.where("severity", "=", inside(severity));
  if (search) found = found.where(sql<SqlBool>`strpos(lower(message || ' ' || kind), lower(${search})) > 0`);
  const { count } = await found.select(({ fn }) => fn.countAll().as("count")).executeTakeFirstOrThrow();
  const value = SORTS[sort];
  const [comparison, direction] = isFalling ? [sql`<`, "desc" as const] : [sql`>`, "asc" as const];
  const isBehind = after && sql<SqlBool>`(${value}, id) ${comparison} (${after.value}, ${after.id}::bigint)`;
  const rest = isBehind ? found.where(isBehind) : found;
  const page = rest
    .selectAll()
    .select(value.as("place_value"))
    .orderBy(value, direction)
    .orderBy("id", direction);
  const rows = await page.limit(first + 1).execute();
  return {
    items: rows.map(({ place_value, ...row }) => ({
      ...toAlert(row),
      place: { value: place_value, id: row.id },
    })),
    totalCount: Number(count),
  };
}

const toAlert = ({
  raised_at,
  resolved_at,
  acknowledged_at,
  acknowledged_by,
  severity,
  state,
  ...row
}: Row): PlmAlert => ({
  ...row,
  severity: outside(severity),
  state: outside(state),
  raisedAt: raised_at,
  resolvedAt: resolved_at,
  acknowledgedAt: acknowledged_at,
  acknowledgedBy: acknowledged_by,
});

/** What people reported, in `catalog.plm_issues`, and counted for the alert about it. */
export function createPlmIssues(
  db: Kysely<CatalogDatabase>,
  { observations, clock }: { observations: Pick<ReturnType<typeof createObservations>, "add">; clock: Clock },
) {
  return {
    report: async ({
      workOrderId,
      message,
      reportedBy,
      correlationId,
    }: {
      workOrderId: string | null;
      message: string;
      reportedBy: string;
      correlationId: string;
    }): Promise<void> => {
      await db
        .insertInto("catalog.plm_issues")
        .values({
          work_order_id: workOrderId,
          message,
          reported_by: reportedBy,
          correlation_id: correlationId,
          reported_at: clock.now(),
        })
        .execute();
      observations.add("issue", "REPORTED");
    },
  };
}
