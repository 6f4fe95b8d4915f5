import { checkedList, checkedNumber, checkedText } from "../../kit/checked-input.ts";
import { badInput } from "../../../lib/errors.ts";
import { roundUsd } from "../../../lib/usd.ts";
import { FACTORY, METRICS, type Metric } from "../domain/prior.ts";
import type { SourcedPrior } from "../domain/prior-fallback.ts";
import { KPI_NAMES, type KpiGate } from "../domain/kpi.ts";
import type {
  Complexity,
  KpiFormula,
  NewProject,
  NewTask,
  ProductTarget,
  Project,
} from "../domain/project.ts";
import { checkedGates } from "./define-lanes.ts";
import { DEFAULT_ALARMS } from "../domain/runway-status.ts";
import type { Ports } from "../ports.ts";
import type { Principal } from "./principal.ts";
import { checkedAlarms } from "./checked-alarms.ts";
import { loadPriors, type PriorLookup } from "./priors.ts";

/** A project as a caller describes it; what is left out takes the defaults. */
export interface CreateProjectInput {
  name: string;
  prdPath?: string | null | undefined;
  budget?: BudgetInput | null | undefined;
  products?: readonly ProductInput[] | undefined;
  tasks?: readonly TaskInput[] | undefined;
}

interface BudgetInput {
  usdMax?: number | null | undefined;
  tokensMax?: number | null | undefined;
  /** Defaults 0.35 and 0.76. */
  warningAt?: number | null | undefined;
  criticalAt?: number | null | undefined;
  /** Default `pause`. */
  onExhausted?: NewProject["budget"]["onExhausted"] | undefined;
}

interface ProductInput {
  modelId: string;
  trimId?: string | null | undefined;
}

interface TaskInput {
  name: string;
  description?: string | null | undefined;
  laneId: number;
  /** Default `moderate`. */
  complexity?: Complexity | undefined;
  estimatedTokens?: number | null | undefined;
  estimatedDurationMs?: number | null | undefined;
  estimatedCostUsd?: number | null | undefined;
  kpis?: readonly KpiGate[] | null | undefined;
}

const LONGEST_NAME = 200;
const LONGEST_PATH = 500;
const LONGEST_DESCRIPTION = 2000;
const LONGEST_ID = 100;
const MOST_PRODUCTS = 50;
const MOST_TASKS = 1000;
const MOST_TASK_TOKENS = 100_000_000;
const LONGEST_TASK_MS = 30 * 24 * 3_600_000;
const MOST_TASK_USD = 1_000_000;

/**
 * Creates a project of the caller's tenant, in status `pending`.
 *
 * @throws CodedError BAD_USER_INPUT naming the first field that is wrong
 */
export async function createProject(
  { projects, projectCreation, priors }: Pick<Ports, "projects" | "projectCreation" | "priors">,
  principal: Pick<Principal, "tenant" | "subject">,
  input: CreateProjectInput,
): Promise<Project> {
  const laneIds = new Set((await projects.lanes()).map(({ id }) => id));
  const lookup = await loadPriors({ priors }, principal.tenant);
  return projectCreation.create(principal.tenant, principal.subject, {
    name: checkedText("input.name", input.name, { max: LONGEST_NAME }),
    prdPath: pathIn(input.prdPath ?? null),
    budget: budgetIn(input.budget),
    products: checkedList("input.products", input.products ?? [], MOST_PRODUCTS).map(productIn),
    tasks: checkedList("input.tasks", input.tasks ?? [], MOST_TASKS).map((task, index) =>
      taskIn(task, { path: `input.tasks.${index}`, laneIds, lookup }),
    ),
  });
}

function budgetIn(budget: CreateProjectInput["budget"]): NewProject["budget"] {
  const usdMax = budget?.usdMax ?? null;
  const tokensMax = budget?.tokensMax ?? null;
  if (usdMax !== null && usdMax < 0) throw badInput("input.budget.usdMax", usdMax, "0 or more USD");
  if (tokensMax !== null && tokensMax < 0)
    throw badInput("input.budget.tokensMax", tokensMax, "0 or more tokens");
  const alarms = checkedAlarms("input.budget.", DEFAULT_ALARMS, budget ?? {});
  return { usdMax, tokensMax, onExhausted: budget?.onExhausted ?? "pause", ...alarms };
}

/** Paths are looked up below one folder, so one that climbs out of it can only be a mistake. */
function pathIn(path: string | null): string | null {
  if (path === null) return null;
  const isRelative = !/^([\\/]|[a-z]:)/i.test(path) && !path.split(/[\\/]/).includes("..");
  if (!isRelative) throw badInput("input.prdPath", path, "a relative path without ..");
  return checkedText("input.prdPath", path, { max: LONGEST_PATH });
}

const productIn = ({ modelId, trimId }: ProductInput, index: number): ProductTarget => ({
  modelId: checkedText(`input.products.${index}.modelId`, modelId, { max: LONGEST_ID }),
  trimId:
    trimId === null || trimId === undefined
      ? null
      : checkedText(`input.products.${index}.trimId`, trimId, { max: LONGEST_ID }),
});

function taskIn(
  task: TaskInput,
  { path, laneIds, lookup }: { path: string; laneIds: ReadonlySet<number>; lookup: PriorLookup },
): NewTask {
  if (!laneIds.has(task.laneId)) {
    const allowed =
      laneIds.size === 0
        ? "a lane; there are none yet: LANES_FILE or defineLanes makes them"
        : "the id of a lane";
    throw badInput(`${path}.laneId`, task.laneId, allowed);
  }
  const { description = null } = task;
  const given = [task.estimatedTokens, task.estimatedDurationMs, task.estimatedCostUsd].map(
    (value) => value ?? null,
  );
  const { source, estimates, logRatios } = learntEstimates(lookup({ laneId: task.laneId, provider: null }));
  const amount = (field: string, value: number | null | undefined, of: { fallback: number; max: number }) =>
    value === null || value === undefined
      ? Math.min(of.fallback, of.max)
      : checkedNumber(`${path}.${field}`, value, [0, of.max]);
  const [tokensRatio, durationRatio, costRatio] = METRICS.map((metric, index) =>
    given[index] === null ? logRatios[metric] : 0,
  );
  return {
    name: checkedText(`${path}.name`, task.name, { max: LONGEST_NAME }),
    description:
      description === null
        ? null
        : checkedText(`${path}.description`, description, { max: LONGEST_DESCRIPTION, isProse: true }),
    laneId: task.laneId,
    complexity: task.complexity ?? "moderate",
    estimatedTokens: amount("estimatedTokens", task.estimatedTokens, {
      fallback: Math.round(estimates.tokens),
      max: MOST_TASK_TOKENS,
    }),
    estimatedDurationMs: amount("estimatedDurationMs", task.estimatedDurationMs, {
      fallback: estimates.durationMs,
      max: LONGEST_TASK_MS,
    }),
    estimatedCostUsd: amount("estimatedCostUsd", task.estimatedCostUsd, {
      fallback: roundUsd(estimates.costUsd),
      max: MOST_TASK_USD,
    }),
    estimateSource: given.includes(null) ? source : null,
    learntLogRatio: { tokens: tokensRatio ?? 0, durationMs: durationRatio ?? 0, costUsd: costRatio ?? 0 },
    kpiFormula: formulaIn(`${path}.kpis`, task.kpis ?? []),
  };
}

/** What a task of a lane comes to as far as is known, and how much of that was learnt. */
function learntEstimates({ source, prior }: SourcedPrior) {
  const isFactory = source === "factory";
  const of = (valueOf: (metric: Metric) => number) =>
    Object.fromEntries(METRICS.map((metric) => [metric, valueOf(metric)])) as Record<Metric, number>;
  return {
    source,
    estimates: of((metric) => (isFactory ? FACTORY[metric].mean : Math.max(0, prior[metric].perTask.mu))),
    logRatios: of((metric) => (isFactory ? 0 : prior[metric].ratio.mu)),
  };
}

function formulaIn(path: string, kpis: readonly KpiGate[]): KpiFormula | null {
  const formula: Record<string, Record<string, number | boolean>> = {};
  for (const { kpi, operator, threshold } of checkedGates(path, kpis, KPI_NAMES.length)) {
    formula[kpi] = { ...formula[kpi], [operator]: threshold as number | boolean };
  }
  return kpis.length === 0 ? null : formula;
}
