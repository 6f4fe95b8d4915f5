import type { Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Observations, PlmIssues } from "../operations/watch-ports.ts";

/** What people reported, in `catalog.plm_issues`, and counted for the alert about it. */
export function createPlmIssues(
  db: Kysely<Database>,
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
