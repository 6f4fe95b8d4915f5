import { scalars } from "../../../lib/scalars.ts";
import type { Resolvers } from "../generated/resolver-types.ts";
import { Alert, alerts, projectAlert, ProjectAlertEdge, projectAlerts } from "./alert.ts";
import { BudgetRunway, budgetRunway } from "./budget-runway.ts";
import { createProject } from "./create-project.ts";
import {
  EstimationDrift,
  LaneCalibration,
  LanePrior,
  lanePriors,
  PriorVersion,
  LaneRisk,
  ProjectMetrics,
  RiskHeatmap,
  riskHeatmap,
  UnlearntRun,
  verifyPriors,
} from "./estimates.ts";
import { LaneOverride, overrideLane, removeLaneOverride } from "./lane-override.ts";
import { enums } from "./enums.ts";
import { KpiValidator, kpiValidators, runKpiValidators } from "./kpis.ts";
import { defineLanes, Lane, lanes } from "./lane.ts";
import { Model } from "./model.ts";
import { portfolio, ProjectShare } from "./portfolio.ts";
import { ProductTarget } from "./product-target.ts";
import { Project, project, projects, projectSummary } from "./project.ts";
import { ProjectRun, projectRun, runProgress } from "./project-run.ts";
import { LaneCostCheck, Receipt, usageRefusals } from "./receipt.ts";
import { Approval, EchoGate, LaneEcho, LaneEchoGate, overrideQuality, setEchoGate } from "./quality.ts";
import { runControl } from "./run-control.ts";
import { RiskFactor, Simulation, simulateProject } from "./simulate-project.ts";
import { startProject } from "./start-project.ts";
import { startProjects } from "./start-projects.ts";
import { updateProjectBudget } from "./update-budget.ts";
import { Task } from "./task.ts";

export const resolvers = {
  ...scalars,
  ...enums,
  Query: {
    lanePriors,
    verifyPriors,
    alerts,
    projectAlerts,
    project,
    projects,
    projectSummary,
    projectRun,
    lanes,
    kpiValidators,
    portfolio,
    usageRefusals,
  },
  Mutation: {
    overrideLane,
    removeLaneOverride,
    updateProjectBudget,
    createProject,
    defineLanes,
    startProject,
    startProjects,
    ...runControl,
    runKpiValidators,
    simulateProject,
    overrideQuality,
    setEchoGate,
  },
  Subscription: { riskHeatmap, projectAlert, budgetRunway, runProgress },
  Project,
  ProductTarget,
  Model,
  Task,
  Lane,
  ProjectRun,
  Receipt,
  LaneCostCheck,
  KpiValidator,
  ProjectShare,
  BudgetRunway,
  Alert,
  ProjectAlertEdge,
  LaneOverride,
  LanePrior,
  PriorVersion,
  UnlearntRun,
  ProjectMetrics,
  LaneCalibration,
  RiskHeatmap,
  LaneRisk,
  EstimationDrift,
  Simulation,
  RiskFactor,
  EchoGate,
  LaneEchoGate,
  LaneEcho,
  Approval,
} satisfies Resolvers;
