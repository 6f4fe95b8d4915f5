import type { AuditLogTable } from "./audit.ts";
import type { EventOutboxTable } from "./event-outbox.ts";
import type {
  AlertTable,
  BudgetChangeTable,
  IdempotencyKeyTable,
  LaneGateTable,
  LaneOverrideTable,
  LaneTable,
  ProjectDayTable,
  ProjectProductTable,
  ProjectRunwayTable,
  ProjectTable,
  TaskEstimateTable,
  WebhookInboxTable,
} from "./plms-projects.ts";
import type { ProjectApprovalTable, ProjectEchoGateTable } from "./plms-quality.ts";
import type {
  CalibrationObservationTable,
  CalibrationTable,
  EstimateVersionTable,
  KpiReceiptTable,
  ProjectRunTable,
  ReceiptConflictTable,
  ReceiptTable,
  RunBurnSliceTable,
  RunLaneTable,
  RunPassportTable,
  RunPauseTable,
  RunTaskTable,
  UsageRefusalTable,
} from "./plms-runs.ts";

/** Every table of the PLMS by its name; those of the other subgraph are nothing to it. */
export interface PlmsDatabase {
  "plms.lanes": LaneTable;
  "plms.projects": ProjectTable;
  "plms.project_days": ProjectDayTable;
  "plms.project_products": ProjectProductTable;
  "plms.task_estimates": TaskEstimateTable;
  "plms.project_runs": ProjectRunTable;
  "plms.receipts": ReceiptTable;
  "plms.receipt_conflicts": ReceiptConflictTable;
  "plms.usage_refusals": UsageRefusalTable;
  "plms.run_lanes": RunLaneTable;
  "plms.run_tasks": RunTaskTable;
  "plms.run_burn_slices": RunBurnSliceTable;
  "plms.run_pauses": RunPauseTable;
  "plms.budget_changes": BudgetChangeTable;
  "plms.project_runways": ProjectRunwayTable;
  "plms.alerts": AlertTable;
  "plms.calibrations": CalibrationTable;
  "plms.calibration_observations": CalibrationObservationTable;
  "plms.estimate_versions": EstimateVersionTable;
  "plms.lane_overrides": LaneOverrideTable;
  "plms.run_passports": RunPassportTable;
  "plms.lane_gates": LaneGateTable;
  "plms.kpi_receipts": KpiReceiptTable;
  "plms.project_echo_gates": ProjectEchoGateTable;
  "plms.project_approvals": ProjectApprovalTable;
  "plms.idempotency_keys": IdempotencyKeyTable;
  "plms.webhook_inbox": WebhookInboxTable;
  "plms.audit_log": AuditLogTable;
  "plms.event_outbox": EventOutboxTable;
}
