import { sql, type Kysely } from "kysely";
import type { Database } from "../../db/tables.ts";
import { systemClock } from "../../lib/clock.ts";
import { BURN_TAU_MS } from "../../subgraphs/plms/domain/burn.ts";
import { SLICE_MS } from "../../subgraphs/plms/domain/burn-window.ts";
import { calibrateRun } from "../../subgraphs/plms/operations/calibrate-run.ts";
import { rebuildPriors } from "../../subgraphs/plms/operations/rebuild-priors.ts";
import { createCalibrationStore } from "../../subgraphs/plms/adapters/calibration-store.ts";
import { createPriorStore } from "../../subgraphs/plms/adapters/prior-store.ts";

const TEACHING_RUNS = 50;

/** How many runs have totals, lanes, tasks, slices or a burn that do not follow from their receipts, and how many priors. */
export async function rebuild(db: Kysely<Database>) {
  const startedMs = performance.now();
  const { rows } = await sql<Record<string, string>>`
    with told as materialized (
      select run_id, task_id, cost_usd, tokens, date_part('epoch', occurred_at) * 1000 as at_ms from plms.receipts
    ), by_run as (
      select run_id, count(*) as receipts, sum(cost_usd) as usd, sum(tokens) as tokens, max(at_ms) as newest_ms
      from told group by run_id
    ), burnt as (
      select run_id, sum(cost_usd::float8 * exp((at_ms - newest_ms) / ${BURN_TAU_MS}::float8)) as usd
      from told join by_run using (run_id) group by run_id
    ), by_slice as (
      select run_id, floor(at_ms / ${SLICE_MS}::float8) as slice, sum(cost_usd) as usd from told group by 1, 2
    ), by_task as (
      select run_id, task_id, sum(cost_usd) as usd from told group by 1, 2
    )
    select
      (select count(*) from by_run) as runs,
      (select count(*) from plms.project_runs as run join by_run on by_run.run_id = run.id
        where (run.receipts_count, run.usd_spent, run.tokens_spent) is distinct from (by_run.receipts, by_run.usd, by_run.tokens)) as "wrongTotals",
      (select count(*) from plms.run_lanes as lane join by_run using (run_id)
        where (lane.receipts, lane.usd_spent, lane.tokens_spent) is distinct from (by_run.receipts, by_run.usd, by_run.tokens)) as "wrongLanes",
      (select count(*) from plms.run_tasks as task full join by_task using (run_id, task_id)
        where task.usd_spent is distinct from by_task.usd) as "wrongTasks",
      (select count(*) from plms.run_burn_slices as known full join by_slice using (run_id, slice)
        where abs(coalesce(known.usd, 0) - coalesce(by_slice.usd, 0)) > 1e-9) as "wrongSlices",
      (select count(*) from plms.project_runs as run join burnt on burnt.run_id = run.id
        where abs(run.burn_usd::float8 - burnt.usd) > 1e-9 * burnt.usd) as "wrongBurns"`.execute(db);
  return {
    ...Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, count]) => [name, Number(count)])),
    seconds: Math.round((performance.now() - startedMs) / 1000),
    priors: await rebuiltPriors(db),
  };
}

/** Some runs end and teach; then all of it is learnt again from their receipts. */
async function rebuiltPriors(db: Kysely<Database>) {
  const { rows } = await sql<{ id: string }>`
    update plms.project_runs set status = 'completed', validation_pass = true, completed_at = now() - id * interval '1 second'
    where id in (select id from plms.project_runs order by id desc limit ${TEACHING_RUNS}) returning id`.execute(
    db,
  );
  const ports = {
    priors: createPriorStore(db),
    calibrations: createCalibrationStore(db),
    calibrationAlpha: 0.3,
    clock: systemClock,
  };
  for (const { id } of rows) await calibrateRun(ports, id);
  const { priors, unlearnt } = await rebuildPriors(ports, "bench");
  return {
    runs: rows.length,
    priors: priors.length,
    wrong: priors.filter(({ isSame }) => !isSame).length,
    unlearnt: unlearnt.length,
  };
}
