import type { PlmConfig } from "./plm/config.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import { type Loaders, createLoaders } from "./products/loaders.ts";
import type { Clock } from "../../lib/clock.ts";
import type { ModelConfiguration } from "./products/domain/configuration.ts";
import type { DiffSeverity } from "./plm/domain/shadow-diff.ts";
import type { AskedHistory, PlmHealthView, PlmHistoryPoint } from "./plm/operations/health.ts";
import type { BomRevisions, PlmLeftovers } from "./products/ports.ts";
import type { Circuits, PlmModes } from "./products/operations/ports.ts";
import type { Comparisons, Observations, PlmAlerts, PlmIssues, ShadowDiffs } from "./plm/ports.ts";
import type { PlmAlert, ShadowDiff } from "./plm/operations/ports.ts";
import type { CatalogueReading } from "./products/operations/read-catalogue.ts";
import type { ModelInReading } from "./products/operations/read-configuration.ts";
import type { Sourced } from "./products/operations/read-through.ts";
import type { LegacyPorts } from "./legacy/operations/retirement.ts";
import type { UsageOutbox } from "./usage/ports.ts";
import type { UsageMonitor } from "./usage/operations/status.ts";
import { type Actor, actorOf } from "./audit/operations/actor.ts";
import type { WorkOrderPorts } from "./work-orders/ports.ts";
import { type WorkOrderLoaders, createWorkOrderLoaders } from "./work-orders/loaders.ts";

/** The settings that people may see; no secrets. */
type PlmSettings = Pick<PlmConfig, "fallbackEnabled" | "cache" | "circuit" | "shadow" | "autoRollback">;

/** The PLM's side of the catalogue, as `plm/plm.ts` provides it. */
export interface PlmPorts {
  readCatalogue: (request: { correlationId: string }) => Promise<CatalogueReading>;
  /** The PLM's own models, whatever the mode says. @throws CodedError PLM_… when it does not answer */
  readPlmCatalogue: (request: { correlationId: string }) => Promise<readonly { code: string }[]>;
  /** What a model of the reading can be built with. */
  readConfiguration: (
    model: ModelInReading,
    request: { correlationId: string },
  ) => Promise<Sourced<ModelConfiguration>>;
  /**
   * Makes what all replicas keep of the PLM no longer fresh: of the models with these names, the PLM's or ours, or of
   * all. Answers how many entries that were.
   */
  invalidate: (names: readonly string[] | undefined, options: { acceptShrink: boolean }) => Promise<number>;
  revisions: BomRevisions;
  /** What the latest answers of the PLM had that we could not use. */
  leftovers: PlmLeftovers;
  /** Tells that a caller asks where parts are used. */
  usesWanted: () => void;
  modes: PlmModes;
  circuits: Circuits;
  observations: Observations;
  diffs: ShadowDiffs;
  comparisons: Comparisons;
  /** Every new difference of a severity, or of any. */
  watchDiffs: (severity: DiffSeverity | null | undefined) => AsyncIterableIterator<ShadowDiff>;
  health: {
    readHealth(minutes?: number): Promise<PlmHealthView>;
    readHistory(span: AskedHistory): Promise<PlmHistoryPoint[]>;
    watchHealth(): AsyncIterableIterator<PlmHealthView>;
    alerts: PlmAlerts;
    /** Every alert that begins or ends. */
    watchAlerts(): AsyncIterableIterator<PlmAlert>;
    /** Tells every replica of an alert that began or ended here. */
    tellAlert(alert: PlmAlert): void;
    issues: PlmIssues;
  };
  settings: PlmSettings;
  clock: Clock;
}

/** Work orders and what belongs to them, as `work-orders/work-orders.ts` provides it. */
export interface WorkPorts {
  orders: WorkOrderPorts;
  usage: { outbox: UsageOutbox; monitor: UsageMonitor };
  legacy: LegacyPorts;
}

/** What the operations need of the outside. */
export type ContextPorts = PlmPorts & { work: WorkPorts };

/** What resolvers work with, made anew for each operation. */
export interface Context extends ContextPorts {
  caller: Caller;
  actor: Actor;
  loaders: Loaders;
  orderLoaders: WorkOrderLoaders;
  /** What the response says about itself, in `extensions`. */
  extensions: Record<string, unknown>;
}

export function createContext(ports: ContextPorts, caller: Caller): Context {
  const actor = actorOf(caller);
  return {
    ...ports,
    caller,
    loaders: createLoaders(ports, { correlationId: caller.correlationId }),
    actor,
    orderLoaders: createWorkOrderLoaders(ports.work.orders.workOrders, actor),
    extensions: {},
  };
}
