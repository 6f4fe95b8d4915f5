import type { AuditLogTable } from "./audit.ts";
import type { EventOutboxTable } from "./event-outbox.ts";
import type {
  BomRevisionTable,
  ConfigurationComponentTable,
  ConfigurationDependencyTable,
  ConfigurationOptionTable,
  ConfigurationSectionTable,
  DepartmentTable,
  LegacyReadTable,
  PartUseTable,
  ProductIdTable,
  ProductModelTable,
  ProductSourceTable,
  ProductTrimTable,
  RoutingStageTable,
  RoutingVersionTable,
  StationTable,
  WorkCenterTable,
} from "./catalog-mrp.ts";
import type {
  CircuitStateTable,
  CircuitTransitionTable,
  ModelComparisonTable,
  PlmAlertTable,
  PlmConfigTable,
  PlmCounterTable,
  PlmIssueTable,
  PlmLeftoverTable,
  PlmModeChangeTable,
  PlmWebhookTable,
  ShadowDiffTable,
} from "./catalog-plm.ts";
import type {
  DocumentTable,
  ProductPayloadTable,
  UsageBatchTable,
  UsageEventTable,
  WorkOrderKeyTable,
  WorkOrderStageLogTable,
  WorkOrderTable,
  WorkOrderVersionTable,
} from "./catalog-work-orders.ts";

/** Every table of the catalogue by its name; those of the other subgraph are nothing to it. */
export interface CatalogDatabase {
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
  "catalog.event_outbox": EventOutboxTable;
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
