import { inside, outside } from "../../../kit/enums.ts";
import { isRowId } from "../../../kit/row-id.ts";
import type { Kysely, Selectable } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import type { Observations, PlmAlert, PlmAlerts, PlmIssues } from "../operations/ports.ts";
import type { Clock } from "../../../../lib/clock.ts";

type Row = Selectable<CatalogDatabase["catalog.plm_alerts"]>;

const SHOWN = 100;

/** Alerts in `catalog.plm_alerts`, where an index keeps two replicas from raising the same one. */
export function createPlmAlerts(db: Kysely<CatalogDatabase>): PlmAlerts {
  const alerts = () => db.selectFrom("catalog.plm_alerts").selectAll().orderBy("id", "desc").limit(SHOWN);
  return {
    list: async (state) => {
      const found = state ? alerts().where("state", "=", inside(state)) : alerts();
      return (await found.execute()).map(toAlert);
    },
    byId: async (id) => {
      const row = await alerts()
        .where("id", "=", isRowId(id) ? id : "0")
        .executeTakeFirst();
      return row && toAlert(row);
    },
    open: async () => (await alerts().where("state", "<>", "resolved").execute()).map(toAlert),
    raise: async ({ raisedAt, severity, ...alert }) => {
      const row = await db
        .insertInto("catalog.plm_alerts")
        .values({ ...alert, severity: inside(severity), state: "firing", raised_at: raisedAt })
        .onConflict((conflict) => conflict.doNothing())
        .returningAll()
        .executeTakeFirst();
      return row && toAlert(row);
    },
    acknowledge: async (id, { subject, at }) => {
      const row = await db
        .updateTable("catalog.plm_alerts")
        .set({ state: "acknowledged", acknowledged_at: at, acknowledged_by: subject })
        .where("id", "=", isRowId(id) ? id : "0")
        .where("state", "<>", "resolved")
        .returningAll()
        .executeTakeFirst();
      return row && toAlert(row);
    },
    resolve: async (kind, at) => {
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
  { observations, clock }: { observations: Observations; clock: Clock },
): PlmIssues {
  return {
    report: async ({ workOrderId, message, reportedBy, correlationId }) => {
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
