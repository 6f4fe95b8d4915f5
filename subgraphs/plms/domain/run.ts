import type { QualityOverride } from "./approval.ts";
import type { Burn } from "./burn.ts";
import type { UnpricedReason } from "./price-table.ts";
import type { RunStatus } from "./run-state.ts";
import type { Usage } from "./usage.ts";

export type RunKind = "baseline" | "rehearsal" | "replay" | "hotfix";

/** Provider versions by name. */
export type ProviderMatrix = Readonly<Record<string, string>>;

/** What is decided about a run before it exists. */
export interface NewRun {
  projectId: string;
  kind: RunKind;
  /** Share of the tasks that a rehearsal runs, 0-1; null for other kinds. */
  rehearsalPct: number | null;
  /** What its sample was drawn with; null where the run's id was. */
  sampleSeed: number | null;
  /** Share of the complexities that a rehearsal covers, 0-1; null for other kinds. */
  strataCoverage: number | null;
  writeSandbox: boolean;
  /** True when no executor is asked: others do the work, and tell of it as usage. */
  isObserved: boolean;
  caps: RunCaps;
  providerMatrix: ProviderMatrix;
  tasksTotal: number;
  createdBy: string;
}

/** Limits of one run; null means none. */
export interface RunCaps {
  tokens: number | null;
  /** Minutes of execution, pauses left out. */
  durationMinutes: number | null;
}

/** One execution of a project, with the running totals of its receipts. */
export interface Run extends NewRun {
  id: string;
  tenant: string;
  /** The executor's own id; null until it accepted the job. */
  executorRunId: string | null;
  status: RunStatus;
  /** Why it is in this state, when a person or a rule decided so. */
  statusReason: string | null;
  /** Null until the run has been validated. */
  validationPass: boolean | null;
  /** Null unless a person let it pass all the same. */
  override: QualityOverride | null;
  tasksCompleted: number;
  tasksFailed: number;
  usdSpent: number;
  tokensSpent: number;
  burn: Burn;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Milliseconds that it was paused before. */
  pausedMs: number;
}

/** What the executor says that it charged for one task; a negative cost is a refund. */
export interface Charge {
  receiptId: string;
  taskId: string;
  laneId: number;
  provider: string;
  tokens: number;
  durationMs: number;
  costUsd: number;
  /** Similarity of the result to its request, -1 to 1. */
  echoCos: number | null;
  status: "succeeded" | "failed" | "skipped";
  /** By the executor's clock. */
  occurredAt: Date;
  /** Null where the executor does not tell. */
  usage?: Usage | null;
}

interface ReceiptFigures {
  taskId: string;
  tokens: number;
  /** Decimal text with every digit. */
  costUsdExact: string;
}

/** What a receipt was told to be when it came again with other figures than those that count. */
export interface ReceiptConflict {
  id: string;
  runId: string;
  receiptId: string;
  kept: ReceiptFigures;
  told: ReceiptFigures;
  /** How often it was told. */
  times: number;
  firstToldAt: Date;
  lastToldAt: Date;
}

/** A charge as it was recorded. */
export interface Receipt extends Charge {
  id: string;
  /** Decimal text with every digit. */
  costUsdExact: string;
  runId: string;
  usage: Usage | null;
  /** What its usage costs by the price table; null without a usage. */
  pricing: Pricing | null;
}

/** What a charge should have been; without a price, why there is none. */
interface Pricing {
  /** Decimal text with every digit. */
  usdExact: string | null;
  /** What was charged less what it costs by the table, as decimal text. */
  differenceUsdExact: string | null;
  priceVersion: string | null;
  reason: UnpricedReason | null;
}
