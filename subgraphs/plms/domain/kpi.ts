/** A KPI that tasks and lanes can be held to. */
export interface KpiDefinition {
  description: string;
  /** What a measurement that failed counts as; no sensible gate lets it pass. */
  failureValue: number | boolean;
  timeoutMs: number;
}

const MINUTE_MS = 60_000;

/** The registry: every KPI by name. */
export const KPIS = {
  test_pass_rate: {
    description: "Share of the tests that passed, 0-1; skipped tests do not count",
    failureValue: 0,
    timeoutMs: 5 * MINUTE_MS,
  },
  linter_pass: {
    description: "True when the linter found nothing",
    failureValue: false,
    timeoutMs: MINUTE_MS,
  },
  schema_diff: {
    description: "Number of missing, surplus and changed columns against the expected schema",
    failureValue: 999,
    timeoutMs: MINUTE_MS,
  },
  row_count_delta: {
    description: "Largest |actual - expected| / max(1, expected) over the expected tables",
    failureValue: 1,
    timeoutMs: MINUTE_MS,
  },
  graph_edge_count_delta: {
    description: "Largest |actual - expected| / max(1, expected) over the expected edge types",
    failureValue: 1,
    timeoutMs: MINUTE_MS,
  },
  bleu_score: {
    description: "Corpus BLEU of the texts against their references, 0-1",
    failureValue: 0,
    timeoutMs: MINUTE_MS,
  },
  readability: {
    description: "Flesch-Kincaid grade of the text: years of school that it takes to read it",
    failureValue: 12,
    timeoutMs: MINUTE_MS,
  },
} as const satisfies Record<string, KpiDefinition>;

export type KpiName = keyof typeof KPIS;
export const KPI_NAMES = Object.keys(KPIS) as readonly KpiName[];
export const isKpiName = (name: string): name is KpiName => Object.hasOwn(KPIS, name);

export const KPI_OPERATORS = [">=", "<=", "==", ">", "<", "!="] as const;

/** What a KPI has to be like. */
export interface KpiGate {
  kpi: string;
  operator: string;
  threshold: unknown;
}

/** Whether a value meets a gate; an unknown operator or values that cannot be compared never do. */
export function meets(value: unknown, { operator, threshold }: Omit<KpiGate, "kpi">): boolean {
  if (typeof value !== typeof threshold) return false;
  if (operator === "==") return value === threshold;
  if (operator === "!=") return value !== threshold;
  if (typeof value !== "number" || typeof threshold !== "number") return false;
  switch (operator) {
    case ">=":
      return value >= threshold;
    case "<=":
      return value <= threshold;
    case ">":
      return value > threshold;
    case "<":
      return value < threshold;
    default:
      return false;
  }
}

/** |actual - expected| / max(1, expected). */
export const relativeDelta = (actual: number, expected: number): number =>
  Math.abs(actual - expected) / Math.max(1, expected);

/** A gate that a run has to meet, and where what it is about lies. */
export interface KpiCheck extends KpiGate {
  laneId: number;
  /** Null when the gate is the lane's. */
  taskId: string | null;
}

export interface KpiResult extends KpiCheck {
  value: number | boolean;
  pass: boolean;
  /** True when the run need not pass it. */
  isAdvisory: boolean;
  /** How the value came about, or why there is none. */
  detail: string;
}

/** Columns by name, each with its type. */
export type TableColumns = Readonly<Record<string, string>>;

/** Columns that are missing, surplus or of another type. */
export function columnDifferences(actual: TableColumns, expected: TableColumns): string[] {
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...names].sort().flatMap((name) => {
    const [is, should] = [actual[name], expected[name]];
    if (is === should) return [];
    if (is === undefined) return [`${name} is missing`];
    return [should === undefined ? `${name} is surplus` : `${name} is ${is} instead of ${should}`];
  });
}
