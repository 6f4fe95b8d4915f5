import { sql, type Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import type { MetricObservation } from "../domain/prior.ts";
import type { RunObservation, TaughtRun } from "../operations/estimation-ports.ts";

interface ObservationRow {
  lane_id: number | null;
  provider: string | null;
  tasks: number;
  tokens: MetricObservation;
  duration_ms: MetricObservation;
  cost_usd: MetricObservation;
}

/**
 * What the succeeded tasks of a run show, by lane and provider, by lane, and by provider. Sums are made in the
 * order of the tasks: floating point must give the same numbers when they are made again. Estimates that were learnt count
 * as what they were before: a lane must not learn from its own word that it was right.
 */
export async function observeReceipts(tx: Kysely<PlmsDatabase>, run: TaughtRun): Promise<RunObservation[]> {
  const { rows } = await sql<ObservationRow>`
    select lane_id, provider, count(*)::int as tasks,
      ${metric("tokens", "estimated_tokens")} as tokens,
      ${metric("duration_ms", "estimated_duration_ms")} as duration_ms,
      ${metric("cost_usd", "estimated_cost_usd")} as cost_usd
    from (
      select charged.*, estimated_tokens / exp(learnt_tokens_log_ratio) as estimated_tokens,
        estimated_duration_ms / exp(learnt_duration_log_ratio) as estimated_duration_ms,
        estimated_cost_usd::float8 / exp(learnt_cost_log_ratio) as estimated_cost_usd
      from (
        select task_id, lane_id, provider, sum(tokens)::float8 as tokens,
          sum(duration_ms order by id) as duration_ms, sum(cost_usd)::float8 as cost_usd
        from plms.receipts
        where run_id = ${run.runId} and id <= ${run.receiptsThrough} and status = 'succeeded'
        group by task_id, lane_id, provider
      ) as charged join plms.task_estimates as task on task.id = charged.task_id
    ) as done
    group by grouping sets ((lane_id, provider), (lane_id), (provider))
    order by lane_id, provider`.execute(tx);
  return rows.map(({ lane_id, provider, tasks, ...metrics }) => ({
    laneId: lane_id,
    provider,
    tasks,
    observation: { tokens: metrics.tokens, durationMs: metrics.duration_ms, costUsd: metrics.cost_usd },
  }));
}

function metric(actual: string, estimated: string) {
  const [a, e] = [sql.ref(actual), sql.ref(estimated)];
  const inOrder = sql`order by task_id, lane_id, provider`;
  const isComparable = sql`filter (where ${a} > 0 and ${e} > 0)`;
  const sums = sql`sum(${a} ${inOrder}) ${isComparable} / sum(${e} ${inOrder}) ${isComparable}`;
  return sql`json_build_object(
    'perTask', sum(${a} ${inOrder}) / count(*),
    'logRatio', ln(${sums}),
    'tasks', json_build_object(
      'n', count(*) ${isComparable},
      'sum', coalesce(sum(ln(${a} / ${e}) ${inOrder}) ${isComparable}, 0),
      'sumOfSquares', coalesce(sum(ln(${a} / ${e}) ^ 2 ${inOrder}) ${isComparable}, 0)))`;
}
