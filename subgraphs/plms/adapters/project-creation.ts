import type { Kysely } from "kysely";
import type { PlmsDatabase } from "../../../db/tables/plms.ts";
import { usdToNumeric } from "../../../lib/usd.ts";
import type { NewProject, Project } from "../domain/project.ts";
import { toProject } from "./rows.ts";

export function createProjectCreation(db: Kysely<PlmsDatabase>) {
  return {
    /** Stores a project with its products and tasks, all or nothing. */
    create: (tenant: string, createdBy: string, project: NewProject): Promise<Project> =>
      db.transaction().execute((tx) => create(tx, { tenant, createdBy }, project)),
  };
}

async function create(
  tx: Kysely<PlmsDatabase>,
  owner: { tenant: string; createdBy: string },
  { name, prdPath, budget, products, tasks }: NewProject,
): Promise<Project> {
  const row = await tx
    .insertInto("plms.projects")
    .values({
      tenant: owner.tenant,
      name,
      prd_path: prdPath,
      budget_usd_max: budget.usdMax === null ? null : usdToNumeric(budget.usdMax),
      budget_tokens_max: budget.tokensMax,
      breach_policy: budget.onExhausted,
      warning_at: budget.warningAt,
      critical_at: budget.criticalAt,
      created_by: owner.createdBy,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  if (products.length > 0) {
    const targets = products.map(({ modelId, trimId }, position) => ({
      project_id: row.id,
      position,
      model_id: modelId,
      trim_id: trimId,
    }));
    await tx.insertInto("plms.project_products").values(targets).execute();
  }
  if (tasks.length > 0) {
    const estimates = tasks.map((task, order_index) => ({
      project_id: row.id,
      order_index,
      name: task.name,
      description: task.description,
      lane_id: task.laneId,
      complexity: task.complexity,
      estimated_tokens: task.estimatedTokens,
      estimated_duration_ms: task.estimatedDurationMs,
      estimated_cost_usd: usdToNumeric(task.estimatedCostUsd),
      estimate_source: task.estimateSource,
      learnt_tokens_log_ratio: task.learntLogRatio.tokens,
      learnt_duration_log_ratio: task.learntLogRatio.durationMs,
      learnt_cost_log_ratio: task.learntLogRatio.costUsd,
      kpi_formula: task.kpiFormula === null ? null : JSON.stringify(task.kpiFormula),
    }));
    await tx.insertInto("plms.task_estimates").values(estimates).execute();
  }
  return toProject(row);
}
