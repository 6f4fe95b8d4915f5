import { ADVICE_CAUSES, REMEDIES } from "../domain/advice.ts";
import { ALERT_KINDS } from "../domain/budget-alerts.ts";
import { PROJECT_SORTS } from "../domain/project-order.ts";
import { PROJECT_STATUSES } from "../domain/project.ts";
import { RUN_STATUSES } from "../domain/run-state.ts";
import { enumOf, mappedEnum } from "../../kit/enums.ts";
import type { Resolvers } from "../generated/resolver-types.ts";

/** Inside, in the database and in REST, enum values are lower case; in GraphQL they are upper case. */
export const enums = {
  ProjectStatus: enumOf(PROJECT_STATUSES),
  ProjectSort: enumOf(PROJECT_SORTS),
  BreachPolicy: mappedEnum(["PAUSE", "ASK", "KILL"]),
  Complexity: mappedEnum(["TRIVIAL", "SIMPLE", "MODERATE", "COMPLEX", "VERY_COMPLEX"]),
  TaskStatus: mappedEnum(["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "BLOCKED"]),
  RunKind: mappedEnum(["BASELINE", "REHEARSAL", "REPLAY", "HOTFIX"]),
  RunStatus: enumOf(RUN_STATUSES),
  PrdSource: mappedEnum(["DOCUMENT", "DEFINITION"]),
  ReceiptStatus: mappedEnum(["SUCCEEDED", "FAILED", "SKIPPED"]),
  UsageSource: mappedEnum(["OTLP", "LITELLM"]),
  UsageRefusalReason: mappedEnum([
    "NO_PROJECT",
    "UNKNOWN_RUN",
    "NOT_OBSERVED",
    "NO_TASK",
    "UNKNOWN_TASK",
    "NO_COST",
    "INVALID",
  ]),
  UnpricedReason: mappedEnum(["NO_MODEL", "UNKNOWN_MODEL", "NO_PRICE_THEN"]),
  NoCostFiguresReason: mappedEnum(["NO_RECEIPTS", "NO_USAGE", "NO_PRICES"]),
  RunwayStatus: mappedEnum(["OK", "WARNING", "CRITICAL", "UNKNOWN"]),
  PriorSource: mappedEnum(["LANE_PROVIDER", "LANE", "PROVIDER", "FACTORY"]),
  RiskLevel: mappedEnum(["NONE", "LOW", "MEDIUM", "HIGH"]),
  DriftTrend: mappedEnum(["IMPROVING", "STABLE", "DEGRADING"]),
  RobustTrend: mappedEnum(["IMPROVING", "STABLE", "WORSENING", "INSUFFICIENT_DATA"]),
  SimulationExecutor: mappedEnum(["DRY_RUN", "CANARY"]),
  Reliability: mappedEnum(["HIGH", "MEDIUM", "LOW"]),
  EchoMode: mappedEnum(["OFF", "ADVISORY", "REQUIRED"]),
  ApprovalGate: mappedEnum(["PRD_REVIEW", "BUDGET_APPROVAL", "QUALITY_OVERRIDE", "REPLAN_REQUEST"]),
  ApprovalStatus: mappedEnum(["APPROVED", "REJECTED", "PENDING"]),
  RiskIssue: mappedEnum(["HIGH_VARIANCE", "NO_HISTORY", "FAILED_TASKS"]),
  RunwayWarning: mappedEnum(["METHODS_DISAGREE"]),
  ProjectAlertKind: enumOf(ALERT_KINDS),
  AdviceCause: enumOf(ADVICE_CAUSES),
  Remedy: enumOf(REMEDIES),
  AlertSeverity: mappedEnum(["INFO", "WARNING", "CRITICAL"]),
  AlertState: mappedEnum(["FIRING", "RESOLVED", "ACKNOWLEDGED"]),
  RunwayReason: mappedEnum([
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
