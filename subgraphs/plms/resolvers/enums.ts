import type { Resolvers } from "../generated/resolver-types.ts";

/** An argument as it is inside; its generated type does not know that enums are mapped. */
export const inside = <T extends string>(value: T): Lowercase<T> => value.toLowerCase() as Lowercase<T>;

/** Inside, in the database and in REST, enum values are lower case; in GraphQL they are upper case. */
export const enums = {
  ProjectStatus: mapped([
    "PENDING",
    "IDEATION",
    "CLARIFYING",
    "PLANNING",
    "ESTIMATING",
    "PENDING_APPROVAL",
    "APPROVED",
    "EXECUTING",
    "PAUSED",
    "VALIDATING",
    "NEEDS_REVIEW",
    "COMPLETED",
    "CANCELLED",
  ]),
  BreachPolicy: mapped(["PAUSE", "ASK", "KILL"]),
  Complexity: mapped(["TRIVIAL", "SIMPLE", "MODERATE", "COMPLEX", "VERY_COMPLEX"]),
  TaskStatus: mapped(["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "BLOCKED"]),
  RunKind: mapped(["BASELINE", "REHEARSAL", "REPLAY", "HOTFIX"]),
  RunStatus: mapped([
    "SUBMITTING",
    "EXECUTING",
    "PAUSED",
    "VALIDATING",
    "COMPLETED",
    "NEEDS_REVIEW",
    "FAILED",
    "CANCELLED",
  ]),
  PrdSource: mapped(["DOCUMENT", "DEFINITION"]),
  ReceiptStatus: mapped(["SUCCEEDED", "FAILED", "SKIPPED"]),
  RunwayStatus: mapped(["OK", "WARNING", "CRITICAL", "UNKNOWN"]),
  PriorSource: mapped(["LANE_PROVIDER", "LANE", "PROVIDER", "FACTORY"]),
  RiskLevel: mapped(["NONE", "LOW", "MEDIUM", "HIGH"]),
  DriftTrend: mapped(["IMPROVING", "STABLE", "DEGRADING"]),
  RobustTrend: mapped(["IMPROVING", "STABLE", "WORSENING", "INSUFFICIENT_DATA"]),
  SimulationExecutor: mapped(["DRY_RUN", "CANARY"]),
  Reliability: mapped(["HIGH", "MEDIUM", "LOW"]),
  EchoMode: mapped(["OFF", "ADVISORY", "REQUIRED"]),
  ApprovalGate: mapped(["PRD_REVIEW", "BUDGET_APPROVAL", "QUALITY_OVERRIDE", "REPLAN_REQUEST"]),
  ApprovalStatus: mapped(["APPROVED", "REJECTED", "PENDING"]),
  RiskIssue: mapped(["HIGH_VARIANCE", "NO_HISTORY", "FAILED_TASKS"]),
  RunwayWarning: mapped(["METHODS_DISAGREE"]),
  AlertSeverity: mapped(["INFO", "WARNING", "CRITICAL"]),
  AlertState: mapped(["FIRING", "RESOLVED", "ACKNOWLEDGED"]),
  RunwayReason: mapped([
    "NOT_STARTED",
    "NO_DATA",
    "ZERO_BURN",
    "OVER_BUDGET",
    "NO_BUDGET",
    "PAUSED",
    "FINISHED",
    "LOW_CONFIDENCE",
  ]),
} satisfies Resolvers;

function mapped<const T extends string>(names: readonly T[]): { [Name in T]: Lowercase<Name> } {
  return Object.fromEntries(names.map((name) => [name, inside(name)])) as { [Name in T]: Lowercase<Name> };
}
