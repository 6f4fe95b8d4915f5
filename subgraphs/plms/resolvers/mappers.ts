import type { LaneLoad, Portfolio, ProjectShare } from "../domain/portfolio.ts";
import type { ReplayPassport } from "../domain/passport.ts";
import type { Approval } from "../domain/approval.ts";
import type { EchoGate, LaneEcho } from "../domain/echo-gate.ts";
import type { Alert } from "../domain/budget-alerts.ts";
import type { LaneOverride } from "../domain/lane-override.ts";
import type { PriorView } from "../domain/prior-view.ts";
import type { LaneRisk } from "../domain/risk.ts";
import type { Lane, ProductTarget, Project, Task } from "../domain/project.ts";
import type { Receipt, Run } from "../domain/run.ts";
import type { Runway } from "../domain/runway.ts";
import type { KpiReceipt, KpiValidator } from "../operations/kpi-ports.ts";
import type { RiskFactor } from "../domain/rehearsal.ts";
import type { PriorVersion } from "../operations/estimation-ports.ts";
import type { EstimationDrift } from "../operations/estimation-drift.ts";
import type { ProjectMetrics } from "../operations/project-metrics.ts";
import type { RiskHeatmap } from "../operations/risk-heatmap.ts";
import type { SimulateProjectInput, Simulation } from "../operations/simulate-project.ts";

/** What resolvers hand on where the schema has the type of the same name; read by codegen.ts. */
export type ProjectMapper = Project;
export type ProductTargetMapper = ProductTarget;
export type LaneMapper = Lane;
export type TaskMapper = Task;
export type ProjectRunMapper = Run;
export type ReceiptMapper = Receipt;
export type PortfolioMapper = Portfolio;
export type LaneLoadMapper = LaneLoad;
export type ProjectShareMapper = ProjectShare;
export type KpiResultMapper = KpiReceipt;
export type KpiValidatorMapper = KpiValidator;
export type ReplayPassportMapper = ReplayPassport;
export type PrdSourceMapper = ReplayPassport["prdSource"];
export type BudgetRunwayMapper = Runway;
export type SimulationMapper = Simulation;

/** Enum values are lower case inside, as `enums.ts` maps them. */
export type ProjectStatusMapper = Project["status"];
export type BreachPolicyMapper = Project["budget"]["onExhausted"];
export type ComplexityMapper = Task["complexity"];
export type TaskStatusMapper = Task["status"];
export type RunKindMapper = Run["kind"];
export type RunStatusMapper = Run["status"];
export type ReceiptStatusMapper = Receipt["status"];
export type RunwayStatusMapper = Runway["status"];
export type RunwayWarningMapper = Runway["warnings"][number];
export type RiskFactorMapper = RiskFactor;
export type SimulationExecutorMapper = NonNullable<SimulateProjectInput["executor"]>;
export type ReliabilityMapper = Simulation["reliability"];
export type RiskIssueMapper = RiskFactor["issue"];
export type LanePriorMapper = PriorView;
export type PriorVersionMapper = PriorVersion;
export type PriorSourceMapper = PriorView["source"];
export type ProjectMetricsMapper = ProjectMetrics;
export type LaneCalibrationMapper = NonNullable<ProjectMetrics["calibration"]>[number];
export type LaneOverrideMapper = LaneOverride;
export type RiskHeatmapMapper = RiskHeatmap;
export type LaneRiskMapper = LaneRisk;
export type RiskLevelMapper = LaneRisk["estimationRisk"];
export type EstimationDriftMapper = EstimationDrift;
export type DriftTrendMapper = EstimationDrift["trend"];
export type RobustTrendMapper = EstimationDrift["robustTrend"];
export type AlertMapper = Alert;
export type AlertSeverityMapper = Alert["severity"];
export type AlertStateMapper = Alert["state"];
export type RunwayReasonMapper = NonNullable<Runway["reason"]>;

export type EchoGateMapper = EchoGate;
export type LaneEchoGateMapper = EchoGate["lanes"][number];
export type LaneEchoMapper = LaneEcho;
export type EchoModeMapper = EchoGate["mode"];
export type ApprovalMapper = Approval;
export type ApprovalGateMapper = Approval["gate"];
export type ApprovalStatusMapper = Approval["status"];

/** Entities of the catalogue: only their ids are known here. */
export type ModelMapper = { id: string };
export type TrimMapper = { id: string };
