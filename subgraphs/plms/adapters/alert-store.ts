import type { Kysely, Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
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
