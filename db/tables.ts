import type {
  LaneTable,
  ProjectTable,
  ProjectProductTable,
  TaskEstimateTable,
  LaneGateTable,
  ProjectRunwayTable,
  AlertTable,
  LaneOverrideTable,
  IdempotencyKeyTable,
  WebhookInboxTable,
} from "./tables/plms-projects.ts";
import type {
  ProjectRunTable,
  KpiReceiptTable,
  RunPassportTable,
  ReceiptConflictTable,
  ReceiptTable,
  RunLaneTable,
  RunTaskTable,
  RunBurnSliceTable,
  CalibrationTable,
  CalibrationObservationTable,
  EstimateVersionTable,
} from "./tables/plms-runs.ts";
import type { ProjectApprovalTable, ProjectEchoGateTable } from "./tables/plms-quality.ts";
import type {
  DepartmentTable,
  WorkCenterTable,
  StationTable,
  RoutingVersionTable,
  RoutingStageTable,
  ProductModelTable,
  ProductTrimTable,
  ConfigurationSectionTable,
  ConfigurationComponentTable,
  ConfigurationOptionTable,
  ConfigurationDependencyTable,
  BomRevisionTable,
  LegacyReadTable,
  ProductSourceTable,
  ProductIdTable,
  PartUseTable,
} from "./tables/catalog-mrp.ts";
import type {
  CircuitTransitionTable,
  CircuitStateTable,
  PlmConfigTable,
  PlmModeChangeTable,
  PlmCounterTable,
  ShadowDiffTable,
  PlmAlertTable,
  PlmIssueTable,
  PlmWebhookTable,
  PlmLeftoverTable,
  ModelComparisonTable,
} from "./tables/catalog-plm.ts";
import type {
  AuditLogTable,
  ProductPayloadTable,
  DocumentTable,
  WorkOrderTable,
  WorkOrderVersionTable,
  WorkOrderStageLogTable,
  WorkOrderKeyTable,
  UsageBatchTable,
  UsageEventTable,
} from "./tables/catalog-work-orders.ts";

/** Every table by its name. */
export interface Database {
  "plms.lanes": LaneTable;
  "plms.projects": ProjectTable;
  "plms.project_products": ProjectProductTable;
  "plms.task_estimates": TaskEstimateTable;
  "plms.project_runs": ProjectRunTable;
  "plms.receipts": ReceiptTable;
  "plms.receipt_conflicts": ReceiptConflictTable;
  "plms.run_lanes": RunLaneTable;
  "plms.run_tasks": RunTaskTable;
  "plms.run_burn_slices": RunBurnSliceTable;
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
  "catalog.departments": DepartmentTable;
  "catalog.work_centers": WorkCenterTable;
  "catalog.stations": StationTable;
  "catalog.routing_versions": RoutingVersionTable;
  "catalog.routing_stages": RoutingStageTable;
  "catalog.product_models": ProductModelTable;
  "catalog.product_trims": ProductTrimTable;
  "catalog.configuration_sections": ConfigurationSectionTable;
  "catalog.configuration_components": ConfigurationComponentTable;
  "catalog.configuration_options": ConfigurationOptionTable;
  "catalog.configuration_dependencies": ConfigurationDependencyTable;
  "catalog.circuit_transitions": CircuitTransitionTable;
  "catalog.circuit_states": CircuitStateTable;
  "catalog.plm_config": PlmConfigTable;
  "catalog.plm_mode_changes": PlmModeChangeTable;
  "catalog.plm_counters": PlmCounterTable;
  "catalog.shadow_diffs": ShadowDiffTable;
  "catalog.plm_alerts": PlmAlertTable;
  "catalog.plm_issues": PlmIssueTable;
  "catalog.plm_webhooks": PlmWebhookTable;
  "catalog.bom_revisions": BomRevisionTable;
  "catalog.audit_log": AuditLogTable;
  "plms.audit_log": AuditLogTable;
  "catalog.product_payloads": ProductPayloadTable;
  "catalog.work_orders": WorkOrderTable;
  "catalog.work_order_versions": WorkOrderVersionTable;
  "catalog.work_order_stage_logs": WorkOrderStageLogTable;
  "catalog.idempotency_keys": WorkOrderKeyTable;
  "catalog.usage_batches": UsageBatchTable;
  "catalog.usage_events": UsageEventTable;
  "catalog.legacy_reads": LegacyReadTable;
  "catalog.product_source": ProductSourceTable;
  "catalog.product_ids": ProductIdTable;
  "catalog.part_uses": PartUseTable;
  "catalog.plm_leftovers": PlmLeftoverTable;
  "catalog.model_comparisons": ModelComparisonTable;
  "catalog.documents": DocumentTable;
}
