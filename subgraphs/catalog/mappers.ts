import type { PlmSwitch } from "./products/domain/modes.ts";
import type { BomChange, BomLine, FlatLine, PartTotal } from "./products/domain/bom.ts";
import type { Alternate } from "./products/domain/configuration.ts";
import type { BomView } from "./products/operations/bom-pages.ts";
import type { FeatureView, PartUseView } from "./products/operations/bom.ts";
import type { PlmHealthView } from "./plm/operations/health.ts";
import type { CircuitSnapshot, ModeChange } from "./products/operations/ports.ts";
import type { WorkOrder } from "./work-orders/domain/work-order.ts";
import type { RecordedAuditEntry } from "./audit/operations/ports.ts";
import type { WorkOrderVersion } from "./work-orders/operations/ports.ts";
import type { WorkOrderAction } from "./work-orders/domain/lifecycle.ts";
import type { LegacyStatus } from "./legacy/operations/retirement.ts";
import type { UsageStatus } from "./usage/operations/status.ts";
import type { ModelView, TrimView } from "./products/operations/models.ts";

/** What resolvers hand on where the schema says `Model`, `Trim` and `CircuitBreaker`; read by codegen.ts. */
export type ModelMapper = ModelView;
export type TrimMapper = TrimView;
export type CircuitBreakerMapper = CircuitSnapshot;
export type PartUseMapper = PartUseView;
export type PlmConfigMapper = PlmSwitch;
export type PlmModeChangeMapper = ModeChange;
export type FeatureMapper = FeatureView;
export type BomMapper = BomView;
export type BomLineMapper = BomLine | FlatLine;
export type PartTotalMapper = PartTotal;
export type AlternatePartMapper = Alternate;
export type BomChangeMapper = BomChange;
export type WorkOrderMapper = WorkOrder;
export type WorkOrderVersionMapper = WorkOrderVersion;
export type AuditEntryMapper = RecordedAuditEntry;
export type UsageOutboxMapper = UsageStatus;
export type LegacyRetirementStatusMapper = LegacyStatus;

/** An entity of plms: only its id is known here. */
export type ProjectMapper = { id: string };

/** Enum values are lower case inside, as `work-order-enums.ts` maps them. */
export type WorkOrderStatusMapper = WorkOrder["progress"]["status"];
export type WorkOrderActionMapper = WorkOrderAction;
export type WorkOrderPriorityMapper = WorkOrder["priority"];
export type SnapshotSourceMapper = WorkOrder["origin"]["dataSource"];
export type ActorRoleMapper = RecordedAuditEntry["actorRole"];
export type AuditOutcomeMapper = RecordedAuditEntry["outcome"];
export type LegacyApiModeMapper = LegacyStatus["mode"];
export type PlmHealthMapper = PlmHealthView;
