import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { TimeSpan } from "../../../lib/time-span.ts";
import { roundUsd, usdFromNumeric } from "../../../lib/usd.ts";
import type { BudgetChange, ChargedStep, RunPause, Steps } from "../domain/burn-history.ts";
import type { Run } from "../domain/run.ts";

type OfRun = Pick<Run, "id" | "projectId">;

/** What was charged when; and what happened meanwhile, the newest of each kind. */
export function createBurnHistoryStore(db: Kysely<PlmsDatabase>) {
  return {
    /** From the first to the last receipt of a run; undefined without any. */
    span: async ({ id }: OfRun): Promise<TimeSpan | undefined> => {
      const { from, to } = await db
        .selectFrom("plms.receipts")
        .select(({ fn }) => [fn.min("occurred_at").as("from"), fn.max("occurred_at").as("to")])
        .where("run_id", "=", id)
        .executeTakeFirstOrThrow();
      return from && to ? { from, to } : undefined;
    },
    /** Added up in PostgreSQL by steps. A charge of a clock ahead of ours belongs to the last one, when `isOpen`. */
    charges: (run: OfRun, steps: Steps & { isOpen: boolean }): Promise<ChargedStep[]> =>
      readCharges(db, run, steps),
    /** What the project's budget was changed to since a moment, newest first, and what it is. */
    budgets: (
      run: OfRun,
      since: Date,
      most: number,
    ): Promise<{ usdMax: number | null; changes: BudgetChange[] }> => readBudgets(db, run, { since, most }),
    /** Pauses of a run that lie at least in part within a span, newest first. */
    pauses: (run: OfRun, { from, to }: TimeSpan, most: number): Promise<RunPause[]> =>
      db
        .selectFrom("plms.run_pauses as pause")
        .innerJoin("plms.project_runs as run", "run.id", "pause.run_id")
        .select((pause) => [
          "began_at as from",
          // What ended by the word of the executor ended the pause with it.
          pause.fn.coalesce("ended_at", "completed_at").as("to"),
          "reason",
        ])
        .where("run_id", "=", run.id)
        .where("began_at", "<", to)
        .where((pause) => pause.or([pause("ended_at", "is", null), pause("ended_at", ">", from)]))
        .orderBy("began_at", "desc")
        .limit(most)
        .execute(),
  };
}

async function readCharges(
  db: Kysely<PlmsDatabase>,
  { id, projectId }: OfRun,
  { from, stepMs, count, isOpen }: Steps & { isOpen: boolean },
): Promise<ChargedStep[]> {
  const to = new Date(from.getTime() + count * stepMs);
  const { rows } = await sql<{ step: number; usd: string; usd_of_run: string; receipts: number }>`
    select step, sum(sum(cost_usd)) over through_now as usd,
      coalesce(sum(sum(cost_usd) filter (where run_id = ${id})) over through_now, 0) as usd_of_run,
      (count(*) filter (where run_id = ${id}))::int as receipts
    from (
      select run_id, cost_usd, least(${count}::float8, greatest(0,
        ceil(extract(epoch from occurred_at - ${from}::timestamptz) * 1000 / ${stepMs}::float8)))::int - 1 as step
      from plms.receipts
      where run_id in (select id from plms.project_runs where project_id = ${projectId})
        and (${isOpen} or occurred_at <= ${to})
    ) as charge
    group by step window through_now as (order by step) order by step`.execute(db);
  return rows.map(({ step, usd, usd_of_run, receipts }) => ({
    step,
    usdSpent: roundUsd(usdFromNumeric(usd)),
    usdOfRun: roundUsd(usdFromNumeric(usd_of_run)),
    receipts,
  }));
}

async function readBudgets(
  db: Kysely<PlmsDatabase>,
  { projectId }: OfRun,
  { since, most }: { since: Date; most: number },
): Promise<{ usdMax: number | null; changes: BudgetChange[] }> {
  const [project, changes] = await Promise.all([
    db
      .selectFrom("plms.projects")
      .select("budget_usd_max")
      .where("id", "=", projectId)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom("plms.budget_changes")
      .select(["changed_at", "usd_before", "usd_after"])
      .where("project_id", "=", projectId)
      .where("changed_at", ">", since)
      .orderBy("changed_at", "desc")
      .orderBy("id", "desc")
      .limit(most)
      .execute(),
  ]);
  return {
    usdMax: usdOrNone(project.budget_usd_max),
    changes: changes.map(({ changed_at, usd_before, usd_after }) => ({
      at: changed_at,
      usdBefore: usdOrNone(usd_before),
      usdAfter: usdOrNone(usd_after),
    })),
  };
}

const usdOrNone = (numeric: string | null) => (numeric === null ? null : usdFromNumeric(numeric));
