import type { ById } from "../operations/ports.ts";
import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { costFigures, type CostCheck, type CostSums } from "../domain/cost-check.ts";

interface Row {
  owner: string;
  /** Null in the row of all lanes. */
  lane_id: number | null;
  receipts: string;
  priced: string;
  unpriced: string;
  charged_usd: string;
  priced_usd: string;
}

/** From running totals, never from the receipts. */
export const createCostChecks = (db: Kysely<PlmsDatabase>) => ({
  ofProjects: (ids: readonly string[]): Promise<ById<CostCheck>> => costChecks(db, ids, "project_id"),
  ofRuns: (ids: readonly string[]): Promise<ById<CostCheck>> => costChecks(db, ids, "id"),
});

async function costChecks(
  db: Kysely<PlmsDatabase>,
  ids: readonly string[],
  owner: "project_id" | "id",
): Promise<ReadonlyMap<string, CostCheck>> {
  const { rows } = await sql<Row>`
    select run.${sql.ref(owner)} as owner, lane_id, sum(receipts) as receipts, sum(priced_receipts) as priced,
      sum(unpriced_receipts) as unpriced, sum(priced_charged_usd) as charged_usd, sum(priced_usd) as priced_usd
    from plms.project_runs as run join plms.run_lanes as lane on lane.run_id = run.id
    where run.${sql.ref(owner)} = any(${ids}::bigint[])
    group by grouping sets ((run.${sql.ref(owner)}), (run.${sql.ref(owner)}, lane_id))
    order by lane_id`.execute(db);
  const byOwner = Map.groupBy(rows, (row) => row.owner);
  return new Map(ids.map((id) => [id, checkOf(byOwner.get(id) ?? [])]));
}

function checkOf(rows: readonly Row[]): CostCheck {
  const total = rows.find(({ lane_id }) => lane_id === null);
  return {
    total: costFigures(total ? sumsOf(total) : NOTHING),
    lanes: rows.flatMap((row) =>
      row.lane_id === null ? [] : [{ laneId: row.lane_id, figures: costFigures(sumsOf(row)) }],
    ),
  };
}

const NOTHING: CostSums = { receipts: 0, priced: 0, unpriced: 0, chargedUsd: "0", pricedUsd: "0" };

const sumsOf = (row: Row): CostSums => ({
  receipts: Number(row.receipts),
  priced: Number(row.priced),
  unpriced: Number(row.unpriced),
  chargedUsd: row.charged_usd,
  pricedUsd: row.priced_usd,
});
