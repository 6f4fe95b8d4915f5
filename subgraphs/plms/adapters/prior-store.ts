import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { Prior } from "../domain/prior.ts";
import type { PriorKey } from "../domain/prior-fallback.ts";
import type { PriorVersion } from "../operations/estimation-ports.ts";

interface PriorRow {
  id: string;
  lane_id: number | null;
  provider: string | null;
  state: Prior;
  source_run_id: string;
  priors_hash: string;
  created_at: Date;
}

/** Versions of the estimates, of which the newest counts. */
export function createPriorStore(db: Kysely<PlmsDatabase>) {
  return {
    /** The newest version of every prior of a tenant, as of a moment when one is given. */
    current: async (tenant: string, before?: Date): Promise<readonly PriorVersion[]> => {
      const { rows } = await sql<PriorRow>`${keysOf(tenant)}
        select version.* from key cross join lateral (
          select * from plms.estimate_versions
          where tenant = ${tenant} and coalesce(lane_id, -1) = key.lane and coalesce(provider, '') = key.provider
            and (${before ?? null}::timestamptz is null or created_at < ${before ?? null})
          order by id desc limit 1
        ) as version order by lane_id, provider`.execute(db);
      return rows.map((row) => toVersion(tenant, row));
    },
    /** The newest versions of each key, newest first, in the order of the keys. */
    histories: async (tenant: string, keys: readonly PriorKey[], last: number): Promise<PriorVersion[][]> => {
      const asked = JSON.stringify(keys.map(({ laneId, provider }, place) => ({ place, laneId, provider })));
      const { rows } = await sql<PriorRow & { place: number }>`
        select key.place, version.*
        from json_to_recordset(${asked}::json) as key (place integer, "laneId" integer, provider text)
        cross join lateral (
          select * from plms.estimate_versions
          where tenant = ${tenant} and coalesce(lane_id, -1) = coalesce(key."laneId", -1)
            and coalesce(estimate_versions.provider, '') = coalesce(key.provider, '')
          order by id desc limit ${last}
        ) as version order by key.place, version.id desc`.execute(db);
      const byPlace = Map.groupBy(rows, ({ place }) => place);
      return keys.map((_key, place) => (byPlace.get(place) ?? []).map((row) => toVersion(tenant, row)));
    },
  };
}

/** True of the versions of one key; found by index. */
export const isVersionOf = ({ laneId, provider }: PriorKey) =>
  sql`coalesce(lane_id, -1) = ${laneId ?? -1} and coalesce(provider, '') = ${provider ?? ""}`;

/**
 * The keys that have versions, as `key (lane, provider)`: from each straight to the next, because they are few and
 * their versions are many.
 */
const keysOf = (tenant: string) => sql`
  with recursive key (lane, provider) as (
    (select coalesce(lane_id, -1), coalesce(provider, '') from plms.estimate_versions
      where tenant = ${tenant} order by 1, 2 limit 1)
    union all
    select next.* from key cross join lateral (
      select coalesce(lane_id, -1), coalesce(estimate_versions.provider, '') from plms.estimate_versions
      where tenant = ${tenant}
        and (coalesce(lane_id, -1), coalesce(estimate_versions.provider, '')) > (key.lane, key.provider)
      order by 1, 2 limit 1
    ) as next
  )`;

const toVersion = (tenant: string, row: PriorRow): PriorVersion => ({
  id: row.id,
  tenant,
  laneId: row.lane_id,
  provider: row.provider,
  prior: row.state,
  sourceRunId: row.source_run_id,
  hash: row.priors_hash,
  createdAt: row.created_at,
});
