import type { Alarms } from "../domain/project.ts";
import type { Run } from "../domain/run.ts";
import { sql, type Kysely } from "kysely";
import { notify } from "../../../db/notify.ts";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { usdFromNumeric, usdToNumeric } from "../../../lib/usd.ts";
import { standingAfter, type RunwayStatus } from "../domain/runway-status.ts";
import type { BudgetFinding, BudgetTerms } from "../operations/estimation-ports.ts";
import { alertsChannelKey } from "./alert-store.ts";
import { EVENTS_CHANNEL } from "./events.ts";
import { toRun } from "./rows.ts";
import { runsOf } from "./run-store.ts";

/** Limits of projects, what was last found of them, and the alerts that came of it. */
export function createBudgetStore(db: Kysely<PlmsDatabase>) {
  return {
    /** Projects with a run that is executing, was paused for this reason or has only just ended, and some that nobody has looked at yet. */
    watched: async (pausedFor: string): Promise<string[]> => {
      const { rows } = await sql<{ project_id: string }>`
        select distinct project_id from plms.project_runs
        where status = 'executing' or (status = 'paused' and status_reason = ${pausedFor})
          or completed_at > now() - interval '1 minute'
        union
        (select id from plms.projects
        where not exists (select from plms.project_runways where project_id = projects.id) limit ${UNSEEN_IN_A_ROUND})`.execute(
        db,
      );
      return rows.map(({ project_id }) => project_id);
    },
    /** How the budget is to be kept, and what counts against it besides money. */
    terms: (projectIds: readonly string[]): Promise<Map<string, BudgetTerms>> => readTerms(db, projectIds),
    /**
     * Remembers the finding, has one alert stand for each cause that is crossed, and tells the watchers. What was found
     * against limits that have been changed since is nothing: the change has a look of its own.
     */
    note: (finding: BudgetFinding): Promise<void> => db.transaction().execute((tx) => note(tx, finding)),
    /** Runs of the project in a state. */
    runsIn: async (projectId: string, status: "executing" | "paused"): Promise<Run[]> => {
      const runs = runsOf(db).where("run.project_id", "=", projectId).where("run.status", "=", status);
      return (await runs.orderBy("run.id").execute()).map(toRun);
    },
    /** Changes limits and thresholds, and notes what the money was before; the status starts anew. Undefined leaves a limit as it is. */
    change: (
      projectId: string,
      limits: { [Limit in "usdMax" | "tokensMax"]: number | null | undefined } & { alarms: Alarms; at: Date },
    ): Promise<void> =>
      db.transaction().execute(async (tx) => {
        const usd =
          limits.usdMax === null || limits.usdMax === undefined ? null : usdToNumeric(limits.usdMax);
        if (limits.usdMax !== undefined) await noteChange(tx, projectId, { usd, at: limits.at });
        await tx
          .updateTable("plms.projects")
          .set({
            ...(limits.usdMax !== undefined && { budget_usd_max: usd }),
            ...(limits.tokensMax !== undefined && { budget_tokens_max: limits.tokensMax }),
            warning_at: limits.alarms.warningAt,
            critical_at: limits.alarms.criticalAt,
          })
          .where("id", "=", projectId)
          .execute();
        await tx.deleteFrom("plms.project_runways").where("project_id", "=", projectId).execute();
        await notify(tx, EVENTS_CHANNEL, `project:${projectId}`);
      }),
  };
}

async function noteChange(
  tx: Kysely<PlmsDatabase>,
  projectId: string,
  { usd, at }: { usd: string | null; at: Date },
): Promise<void> {
  await sql`
    insert into plms.budget_changes (project_id, changed_at, usd_before, usd_after)
    select id, ${at}::timestamptz, budget_usd_max, ${usd}::numeric
    from (select id, budget_usd_max from plms.projects where id = ${projectId} for update) as project
    where budget_usd_max is distinct from ${usd}::numeric`.execute(tx);
}

/** Projects come by the thousand when a database is filled by hand; their first looks are spread over rounds. */
const UNSEEN_IN_A_ROUND = 1_000;

async function readTerms(
  db: Kysely<PlmsDatabase>,
  projectIds: readonly string[],
): Promise<Map<string, BudgetTerms>> {
  const { rows } = await sql<{
    id: string;
    on_exhausted: BudgetTerms["onExhausted"];
    tokens_max: string | null;
    tokens_spent: string;
    usd_spent: string;
    is_used_up: boolean | null;
    has_paused_runs: boolean;
    has_alerts: boolean;
    status: RunwayStatus | null;
    clean_evaluations: number | null;
  }>`
    select project.id, breach_policy as on_exhausted, budget_tokens_max as tokens_max, spent.tokens as tokens_spent,
      spent.usd as usd_spent,
      (spent.usd > 0 and round(spent.usd, 6) >= budget_usd_max) or (spent.tokens > 0 and spent.tokens >= budget_tokens_max)
        as is_used_up,
      spent.has_paused_runs, runway.status, runway.clean_evaluations,
      exists (select from plms.alerts where project_id = project.id and state <> 'resolved') as has_alerts
    from plms.projects as project
    left join plms.project_runways as runway on runway.project_id = project.id
    cross join lateral (
      select coalesce(sum(usd_spent), 0) as usd, coalesce(sum(tokens_spent), 0) as tokens,
        coalesce(bool_or(status = 'paused'), false) as has_paused_runs
      from plms.project_runs where project_id = project.id
    ) as spent
    where project.id = any(${projectIds}::bigint[])`.execute(db);
  return new Map(
    rows.map((row) => [
      row.id,
      {
        onExhausted: row.on_exhausted,
        tokensMax: row.tokens_max === null ? null : Number(row.tokens_max),
        tokensSpent: Number(row.tokens_spent),
        usdSpent: usdFromNumeric(row.usd_spent),
        isUsedUp: row.is_used_up === true,
        hasPausedRuns: row.has_paused_runs,
        hasAlerts: row.has_alerts,
        standing:
          row.status === null ? null : { status: row.status, cleanEvaluations: row.clean_evaluations ?? 0 },
      },
    ]),
  );
}

async function note(tx: Kysely<PlmsDatabase>, finding: BudgetFinding): Promise<void> {
  const { projectId, limits, status, isOver, at } = finding;
  const { rows } = await sql<{
    tenant: string;
    period: string;
    status: typeof status | null;
    clean: number | null;
    usd_max: string | null;
    tokens_max: string | null;
  }>`
    select project.tenant, runway.status, runway.clean_evaluations as clean,
      project.budget_usd_max as usd_max, project.budget_tokens_max as tokens_max,
      concat_ws('/', (select max(id) from plms.project_runs where project_id = project.id), budget_usd_max, budget_tokens_max)
        as period
    from plms.projects as project left join plms.project_runways as runway on runway.project_id = project.id
    where project.id = ${projectId} for update of project`.execute(tx);
  const [known] = rows;
  if (!known) return;
  const isOf = (limit: number | null, stored: string | null) =>
    limit === (stored === null ? null : Number(stored));
  if (!isOf(limits.usdMax, known.usd_max) || !isOf(limits.tokensMax, known.tokens_max)) return;
  const before = known.status === null ? null : { status: known.status, cleanEvaluations: known.clean ?? 0 };
  const after = standingAfter(before, status, { isOver });
  await sql`
    insert into plms.project_runways (project_id, status, clean_evaluations, evaluated_at)
    values (${projectId}, ${after.status}, ${after.cleanEvaluations}, ${at})
    on conflict (project_id) do update set
      status = excluded.status, clean_evaluations = excluded.clean_evaluations, evaluated_at = excluded.evaluated_at`.execute(
    tx,
  );
  if (before !== null && before.status !== after.status)
    await notify(tx, EVENTS_CHANNEL, `project:${projectId}`);
  if (await changeAlerts(tx, finding, known))
    await notify(tx, EVENTS_CHANNEL, alertsChannelKey(known.tenant));
}

/**
 * Raises what is new, says anew what still holds, and resolves what is over; false when nothing happened that watchers
 * are to be told of. One alert stands for each cause: it changes its kind and its words as things get worse or better.
 */
async function changeAlerts(
  tx: Kysely<PlmsDatabase>,
  { projectId, crossed, at }: BudgetFinding,
  { tenant, period }: { tenant: string; period: string },
): Promise<boolean> {
  const standing = await tx
    .selectFrom("plms.alerts")
    .select(["id", "cause", "kind", "message", "period"])
    .where("project_id", "=", projectId)
    .where("state", "<>", "resolved")
    .execute();
  let isNews = false;
  for (const alert of standing) {
    const crossing = crossed.find(({ cause }) => cause === alert.cause);
    const isOver = crossing === undefined || alert.period !== period;
    if (!isOver && crossing.message === alert.message && crossing.kind === alert.kind) continue;
    isNews ||= isOver || crossing.kind !== alert.kind;
    await tx
      .updateTable("plms.alerts")
      .set(isOver ? { state: "resolved", resolved_at: at } : crossing)
      .where("id", "=", alert.id)
      .execute();
  }
  for (const crossing of crossed) {
    if (standing.some((alert) => alert.cause === crossing.cause && alert.period === period)) continue;
    isNews = true;
    const alert = {
      ...crossing,
      tenant,
      period,
      project_id: projectId,
      state: "firing",
      raised_at: at,
    } as const;
    await tx.insertInto("plms.alerts").values(alert).execute();
  }
  return isNews;
}
