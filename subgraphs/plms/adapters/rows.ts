import type { Selectable } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { differenceOf, roundUsd, usdFromNumeric } from "../../../lib/usd.ts";
import type { Lane, Project, Task } from "../domain/project.ts";
import type { Receipt, ReceiptConflict, Run } from "../domain/run.ts";

/** Rows as domain objects: the one place that knows the names of the columns. */
export type ProjectRow = Selectable<PlmsDatabase["plms.projects"]>;
export type TaskRow = Selectable<PlmsDatabase["plms.task_estimates"]>;
export type RunRow = Selectable<PlmsDatabase["plms.project_runs"]> & { tenant: string };
export type ReceiptRow = Selectable<PlmsDatabase["plms.receipts"]>;

export const toProject = (row: ProjectRow): Project => ({
  id: row.id,
  tenant: row.tenant,
  name: row.name,
  status: row.status,
  prdPath: row.prd_path,
  budget: {
    usdMax: row.budget_usd_max === null ? null : usdFromNumeric(row.budget_usd_max),
    tokensMax: row.budget_tokens_max === null ? null : Number(row.budget_tokens_max),
    onExhausted: row.breach_policy,
    warningAt: row.warning_at,
    criticalAt: row.critical_at,
  },
  createdAt: row.created_at,
});

export const toLane = (row: Selectable<PlmsDatabase["plms.lanes"]>): Lane => ({
  id: row.id,
  name: row.name,
  maxConcurrent: row.max_concurrent,
  providers: row.providers,
  isFromFile: row.is_from_file,
});

export const toTask = (row: TaskRow): Task => ({
  id: row.id,
  projectId: row.project_id,
  orderIndex: row.order_index,
  name: row.name,
  description: row.description,
  laneId: row.lane_id,
  complexity: row.complexity,
  status: row.status,
  estimatedTokens: row.estimated_tokens,
  estimatedDurationMs: row.estimated_duration_ms,
  estimatedCostUsd: usdFromNumeric(row.estimated_cost_usd),
  estimateSource: row.estimate_source,
  learntLogRatio: {
    tokens: row.learnt_tokens_log_ratio,
    durationMs: row.learnt_duration_log_ratio,
    costUsd: row.learnt_cost_log_ratio,
  },
});

export const toRun = (row: RunRow): Run => ({
  id: row.id,
  tenant: row.tenant,
  projectId: row.project_id,
  executorRunId: row.executor_run_id,
  kind: row.kind,
  status: row.status,
  statusReason: row.status_reason,
  rehearsalPct: row.rehearsal_pct,
  sampleSeed: row.sample_seed,
  strataCoverage: row.strata_coverage,
  writeSandbox: row.write_sandbox,
  isObserved: row.is_observed,
  caps: {
    tokens: row.budget_tokens === null ? null : Number(row.budget_tokens),
    durationMinutes: row.budget_duration_minutes,
  },
  validationPass: row.validation_pass,
  override: overrideOf(row),
  providerMatrix: row.provider_matrix,
  tasksTotal: row.tasks_total,
  tasksCompleted: row.tasks_completed,
  tasksFailed: row.tasks_failed,
  usdSpent: roundUsd(usdFromNumeric(row.usd_spent)),
  tokensSpent: Number(row.tokens_spent),
  burn: { usd: row.burn_usd, atMs: row.burn_at?.getTime() ?? null },
  createdBy: row.created_by,
  startedAt: row.started_at,
  completedAt: row.completed_at,
  pausedMs: row.paused_ms,
});

function overrideOf({
  override_reason: reason,
  overridden_by: by,
  overridden_at: at,
}: RunRow): Run["override"] {
  return reason === null || by === null || at === null ? null : { reason, by, at };
}

export const toReceipt = (row: ReceiptRow): Receipt => ({
  id: row.id,
  runId: row.run_id,
  receiptId: row.receipt_id,
  taskId: row.task_id,
  laneId: row.lane_id,
  provider: row.provider,
  tokens: Number(row.tokens),
  durationMs: row.duration_ms,
  costUsd: usdFromNumeric(row.cost_usd),
  costUsdExact: row.cost_usd,
  echoCos: row.echo_cos,
  status: row.status,
  occurredAt: row.occurred_at,
  usage: toUsage(row),
  pricing: toPricing(row),
});

const toUsage = (row: ReceiptRow): Receipt["usage"] =>
  row.input_tokens === null || row.output_tokens === null
    ? null
    : {
        model: row.model,
        inputTokens: Number(row.input_tokens),
        outputTokens: Number(row.output_tokens),
        cacheReadTokens: countOf(row.cache_read_tokens),
        cacheWriteTokens: countOf(row.cache_write_tokens),
        reasoningTokens: countOf(row.reasoning_tokens),
      };

const countOf = (text: string | null): number | null => (text === null ? null : Number(text));

const toPricing = (row: ReceiptRow): Receipt["pricing"] =>
  row.priced_usd === null && row.unpriced_reason === null
    ? null
    : {
        usdExact: row.priced_usd,
        differenceUsdExact: row.priced_usd === null ? null : differenceOf(row.cost_usd, row.priced_usd),
        priceVersion: row.price_version,
        reason: row.unpriced_reason,
      };

export const toReceiptConflict = (
  row: Selectable<PlmsDatabase["plms.receipt_conflicts"]>,
): ReceiptConflict => ({
  id: row.id,
  runId: row.run_id,
  receiptId: row.receipt_id,
  kept: { taskId: row.kept_task_id, tokens: Number(row.kept_tokens), costUsdExact: row.kept_usd },
  told: { taskId: row.told_task_id, tokens: Number(row.told_tokens), costUsdExact: row.told_usd },
  times: row.times,
  firstToldAt: row.first_told_at,
  lastToldAt: row.last_told_at,
});
