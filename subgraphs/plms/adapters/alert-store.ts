import type { Kysely, Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { TimeSpan } from "../../../lib/time-span.ts";
import type { Alert } from "../domain/budget-alerts.ts";

const MOST_ALERTS = 100;

export function createAlertStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Newest first, at most a hundred. */
    list: async (tenant: string, state: Alert["state"] | undefined): Promise<Alert[]> => {
      let alerts = db.selectFrom("plms.alerts").selectAll().where("tenant", "=", tenant);
      if (state) alerts = alerts.where("state", "=", state);
      return (await alerts.orderBy("id", "desc").limit(MOST_ALERTS).execute()).map(toAlert);
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

/** What watchers of a tenant's alerts are told by. */
export const alertsChannelKey = (tenant: string): string => `alerts:${tenant}`;

const toAlert = (row: Selectable<PlmsDatabase["plms.alerts"]>): Alert => ({
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
