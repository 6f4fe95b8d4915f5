import { sql, type Kysely } from "kysely";
import type { Database } from "../../../db/tables.ts";
import type { Prior } from "../domain/prior.ts";
import type { PriorStore, PriorVersion } from "../operations/estimation-ports.ts";

interface PriorRow {
  lane_id: number | null;
  provider: string | null;
  state: Prior;
  source_run_id: string;
  created_at: Date;
}

/** Versions of the estimates, of which the newest counts. */
export function createPriorStore(db: Kysely<Database>): PriorStore {
  return {
    current: async (tenant, before) => {
      const { rows } = await sql<PriorRow>`
        select distinct on (lane_id, provider) lane_id, provider, state, source_run_id, created_at
        from plms.estimate_versions where tenant = ${tenant} and (${before ?? null}::timestamptz is null or created_at < ${before ?? null})
        order by lane_id, provider, id desc`.execute(db);
      return rows.map((row) => toVersion(tenant, row));
    },
  };
}

const toVersion = (tenant: string, row: PriorRow): PriorVersion => ({
  tenant,
  laneId: row.lane_id,
  provider: row.provider,
  prior: row.state,
  sourceRunId: row.source_run_id,
  createdAt: row.created_at,
});
