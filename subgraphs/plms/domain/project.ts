import type { KpiGate } from "./kpi.ts";

/** What the executor works on. Ids are opaque text, amounts are USD. */
export interface Project {
  id: string;
  tenant: string;
  name: string;
  status: ProjectStatus;
  prdPath: string | null;
  budget: Budget;
  createdAt: Date;
}

/** Every state of a project. */
export const PROJECT_STATUSES = [
  "pending",
  "ideation",
  "clarifying",
  "planning",
  "estimating",
  "pending_approval",
  "approved",
  "executing",
  "paused",
  "validating",
  "needs_review",
  "completed",
  "cancelled",
] as const;

export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

/** Limits, where null means none, and when a project counts as in danger of going over them. */
export interface Budget extends Alarms {
  usdMax: number | null;
  tokensMax: number | null;
  onExhausted: "pause" | "ask" | "kill";
}

/** From which probability of an overrun on a project is in danger, 0-1. */
export interface Alarms {
  warningAt: number;
  criticalAt: number;
}

/** A model, or one trim of it, that a project works on; both belong to the catalogue. */
export interface ProductTarget {
  modelId: string;
  trimId: string | null;
}

/** A category of work. */
export interface Lane {
  id: number;
  name: string;
  /** Tasks that may run at the same time. */
  maxConcurrent: number;
  /** Who works in it, by name the version; empty where the configured providers do. */
  providers: Readonly<Record<string, string>>;
  /** True when a file says what it is, so that nothing else may change it. */
  isFromFile: boolean;
}

/** A lane as it shall be; undefined leaves what is there. */
export interface LaneDefinition {
  id: number;
  name: string;
  maxConcurrent: number | undefined;
  providers: Readonly<Record<string, string>> | undefined;
  gates: readonly KpiGate[] | undefined;
}

/** In rising order of effort. */
export const COMPLEXITIES = ["trivial", "simple", "moderate", "complex", "very_complex"] as const;
export type Complexity = (typeof COMPLEXITIES)[number];

export interface Task {
  id: string;
  projectId: string;
  /** Position in the order of execution. */
  orderIndex: number;
  name: string;
  description: string | null;
  laneId: number;
  complexity: Complexity;
  status: TaskStatus;
  estimatedTokens: number;
  estimatedDurationMs: number;
  estimatedCostUsd: number;
  estimateSource: EstimateSource;
  learntLogRatio: LearntLogRatio;
}

/** Whose experience filled in what was not estimated; null when everything was. */
type EstimateSource = "lane_provider" | "lane" | "provider" | "factory" | null;

/** What an estimate says already of ln(actual / estimate), by metric; 0 where it was given or the factory's. */
type LearntLogRatio = Readonly<Record<"tokens" | "durationMs" | "costUsd", number>>;

/** A project as a caller describes it. */
export interface NewProject {
  name: string;
  prdPath: string | null;
  budget: Budget;
  products: readonly ProductTarget[];
  /** In execution order. */
  tasks: readonly NewTask[];
}

export interface NewTask {
  name: string;
  description: string | null;
  laneId: number;
  complexity: Complexity;
  estimatedTokens: number;
  estimatedDurationMs: number;
  estimatedCostUsd: number;
  estimateSource: EstimateSource;
  learntLogRatio: LearntLogRatio;
  /** Thresholds by KPI and operator, beside those of the lane; null when there are none. */
  kpiFormula: KpiFormula | null;
}

/** By KPI and operator the threshold. */
export type KpiFormula = Readonly<Record<string, Readonly<Record<string, number | boolean>>>>;

type TaskStatus = "pending" | "in_progress" | "completed" | "failed" | "blocked";
