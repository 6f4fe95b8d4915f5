import type { CircuitSnapshot, CircuitTransition } from "../../../lib/circuit-breaker.ts";
import type { MrpModel, PlmModel } from "../domain/catalogue.ts";
import type { ModelConfiguration } from "../domain/configuration.ts";
import type { ModeCause, PlmMode, PlmSwitch } from "../domain/modes.ts";
import type { AlertSeverity } from "../domain/alerts.ts";
import type { FallbackReason, Provenance } from "../domain/provenance.ts";
import type { DiffSeverity, FieldDiff } from "../domain/shadow-diff.ts";

export type { CircuitKind } from "../../../lib/circuit.ts";
export type { CircuitSnapshot, CircuitTransition };

/** The whole catalogue as the PLM told it. */
export interface PlmAnswer {
  models: readonly PlmModel[];
  correlationId: string;
  schemaVersion: string;
}

/** What one model can be built with, as the PLM told it. */
interface PlmConfigurationAnswer {
  configuration: ModelConfiguration;
  correlationId: string;
  schemaVersion: string;
  /** The PLM's own words, for those who have to keep them. */
  raw?: unknown;
}

interface ConfigurationRequest {
  correlationId: string;
  /** The PLM's own id of the model. */
  modelPlmId: string;
  /** Codes of the model's trims by the PLM's ids. */
  trimCodes: ReadonlyMap<string, string>;
}

/** The partner's PLM, behind its circuit breaker. Each method throws PlmFailure without a usable answer in time. */
export interface PlmSource {
  readCatalogue(request: { correlationId: string }): Promise<PlmAnswer>;
  readConfiguration(request: ConfigurationRequest): Promise<PlmConfigurationAnswer>;
}

/** The MRP's own product tables. */
export interface MrpSource {
  /** Every model and trim, inactive ones too. */
  readProducts(): Promise<readonly MrpModel[]>;
  /** What a model can be built with; nothing for a model that the MRP does not have. */
  readConfiguration(modelCode: string): Promise<ModelConfiguration>;
}

/** An answer of the PLM as the cache keeps it: plain data, because it may live in another process. */
export interface PlmValue<T> {
  value: T;
  correlationId: string;
  schemaVersion: string;
  /** The PLM's own words, for those who have to keep them. */
  raw?: unknown;
}

/** Both systems' products at the same moment. */
export interface BothCatalogues {
  plm: readonly PlmModel[];
  mrp: readonly MrpModel[];
}

/** A value with its age; `freshUntilMs` and `fetchedAtMs` are milliseconds since 1970. */
export interface CacheEntry<T> {
  value: T;
  fetchedAtMs: number;
  freshUntilMs: number;
}

/** Values by key. A cache that is out of order behaves like an empty one. */
export interface Cache<T> {
  /** The entry, however old, as long as it may be served when the source fails. */
  read(key: string): Promise<CacheEntry<T> | undefined>;
  /**
   * Loads and keeps a value; callers that come while it loads, here or in another replica, share the result.
   *
   * @throws whatever `load` throws; the entry that was there stays
   */
  load(key: string, load: () => Promise<T>): Promise<CacheEntry<T>>;
  /** Makes what is known by now no longer fresh, though it may still stand in; all keys without one. */
  expire(key?: string): void;
}

export interface CircuitHistory {
  /** Newest first. */
  latest(circuit: string, count: number): Promise<CircuitTransition[]>;
}

/** The circuit breakers of this process. */
export interface Circuits {
  readonly names: readonly string[];
  snapshot(name: string): CircuitSnapshot | undefined;
  /** The current state at once, then the newest after every change. */
  watch(name: string): AsyncIterableIterator<CircuitSnapshot>;
  /** Opens it in every replica until it is released; `cause` says who wants it and why. */
  isolate(name: string, cause: string): Promise<void>;
  /** Ends an isolation in every replica; `cause` says who wants it and why. */
  release(name: string, cause: string): Promise<void>;
  history: CircuitHistory;
}

/** A change of the mode. */
export interface ModeChange extends PlmSwitch {
  from: PlmMode | null;
  correlationId: string | null;
}

export interface ChangeMode {
  mode: PlmMode;
  models: readonly string[];
  cause: ModeCause;
  reason: string;
  changedBy: string;
  correlationId: string;
  /** Left out, the change overrules whatever is there. */
  expectedVersion: number | undefined;
}

/** How much the catalogue relies on the PLM: one answer for all replicas. */
export interface PlmModes {
  /** False when nobody said where the PLM is: it stays disabled then. */
  readonly isConnected: boolean;
  current(): PlmSwitch;
  /** @throws CodedError CONFLICT when `expectedVersion` is not the current one */
  change(next: ChangeMode): Promise<PlmSwitch>;
  /** Newest first. */
  changes(last: number): Promise<ModeChange[]>;
  /** The current mode at once, then every change. */
  watch(): AsyncIterableIterator<PlmSwitch>;
}

/** Reasons that are decisions of ours, not failures of the PLM. */
export type HeldBack = "DISABLED" | "SHADOW";

export type PlmFailureReason = Exclude<FallbackReason, HeldBack>;

/** Whether the failure says that the PLM is ill, and how long it asked to be left alone. */
export interface PlmFailureDetails {
  countsForCircuit: boolean;
  retryAfterMs?: number;
  cause?: unknown;
}

/** Why the PLM gave no usable answer. The message is for logs; callers get the one of `toCodedError`. */
export class PlmFailure extends Error {
  readonly reason: PlmFailureReason;
  readonly details: PlmFailureDetails;

  constructor(reason: PlmFailureReason, message: string, details: PlmFailureDetails) {
    super(message, { cause: details.cause });
    this.name = "PlmFailure";
    this.reason = reason;
    this.details = details;
  }
}

/** Compares the PLM with the MRP while the MRP answers; never waited for, never in the way. */
export interface Shadow {
  catalogueRead(request: { correlationId: string }): void;
  configurationRead(modelCode: string, request: { correlationId: string }): void;
}

/** A model's configuration as it was from a moment on. */
export interface BomRevision {
  modelCode: string;
  /** From 1, by model. */
  revision: number;
  configuration: ModelConfiguration;
  provenance: Provenance;
}

/** Our own history of configurations, because the PLM only tells the present. */
export interface BomRevisions {
  /** Writes it down if it differs from the latest; a failure is logged, because readers can do without history. */
  record(modelCode: string, read: { value: ModelConfiguration; provenance: Provenance }): Promise<void>;
  /** What was in force at the time. */
  at(modelCode: string, time: Date): Promise<BomRevision | undefined>;
  latest(modelCode: string): Promise<BomRevision | undefined>;
}

/** What is counted by minute, over all replicas; the labels say which. */
export type Metric = "call" | "latency" | "read" | "comparison" | "issue" | "order";

export interface Observations {
  add(metric: Metric, label: string): void;
  /** Sums since a time, with the first minute that contributed. */
  totals(metrics: readonly Metric[], since: Date): Promise<ObservedTotal[]>;
  /** Sums by step of time, oldest first; a step without any count is left out. */
  series(metrics: readonly Metric[], span: ObservedSpan): Promise<ObservedStep[]>;
  /** Forgets what nobody looks at any more. */
  prune(): Promise<void>;
}

/** From a time on, in steps of so many minutes. */
export interface ObservedSpan {
  since: Date;
  stepMinutes: number;
}

export interface ObservedStep extends Omit<ObservedTotal, "first"> {
  /** How many steps after `since`. */
  step: number;
}

export interface ObservedTotal {
  metric: Metric;
  label: string;
  count: number;
  first: Date;
}

export type DiffClassification = "EXPECTED" | "PLM_WRONG" | "MRP_WRONG" | "MAPPING_WRONG";

/** A difference with its history. */
export interface ShadowDiff extends FieldDiff {
  id: string;
  occurrences: number;
  firstSeenAt: Date;
  lastSeenAt: Date;
  correlationId: string | null;
  /** Null until a person has looked at it. */
  classification: DiffClassification | null;
  note: string | null;
  acknowledgedBy: string | null;
}

interface Acknowledgement {
  classification: DiffClassification;
  note: string | null;
  by: string;
  at: Date;
}

export interface ShadowDiffs {
  /** Adds to what is known of each difference and answers all of that. */
  record(diffs: readonly FieldDiff[], seen: { correlationId: string; at: Date }): Promise<ShadowDiff[]>;
  byId(id: string): Promise<ShadowDiff | undefined>;
  /** Newest first; one item more than `first` tells that there is a next page. */
  page(request: {
    first: number;
    after: string | undefined;
    severity: DiffSeverity | null | undefined;
  }): Promise<{ items: ShadowDiff[]; totalCount: number }>;
  acknowledge(id: string, acknowledgement: Acknowledgement): Promise<ShadowDiff | undefined>;
  /** Critical differences that were seen at least twice, the last time since then, and that nobody expects. */
  confirmedCritical(since: Date): Promise<number>;
}

type AlertState = "FIRING" | "RESOLVED" | "ACKNOWLEDGED";

/** Something that people should know about the PLM. */
export interface PlmAlert {
  id: string;
  kind: string;
  severity: AlertSeverity;
  state: AlertState;
  message: string;
  subject: string | null;
  raisedAt: Date;
  resolvedAt: Date | null;
  /** Who looks after it, and since when; both null until somebody does. */
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  value: number | null;
  threshold: number | null;
}

/** Alerts of all replicas; each kind is open once at a time. */
export interface PlmAlerts {
  /** Newest first, a hundred at most. */
  list(state: AlertState | null | undefined): Promise<PlmAlert[]>;
  byId(id: string): Promise<PlmAlert | undefined>;
  /** Those that are not resolved. */
  open(): Promise<PlmAlert[]>;
  /** Undefined when another replica has raised it already. */
  raise(
    alert: Omit<PlmAlert, "id" | "state" | "resolvedAt" | "acknowledgedAt" | "acknowledgedBy">,
  ): Promise<PlmAlert | undefined>;
  /** Undefined when there is no such alert, or it is over. */
  acknowledge(id: string, by: { subject: string; at: Date }): Promise<PlmAlert | undefined>;
  /** Undefined when another replica has resolved it already. */
  resolve(kind: string, at: Date): Promise<PlmAlert | undefined>;
}

/** What people report about product data. */
export interface PlmIssues {
  report(issue: {
    workOrderId: string | null;
    message: string;
    reportedBy: string;
    correlationId: string;
  }): Promise<void>;
}
