import type { AlertSeverity } from "../domain/alerts.ts";
import type { DiffSeverity, FieldDiff } from "../domain/shadow-diff.ts";

/** What is counted by minute, over all replicas; the labels say which. */
export type Metric = "call" | "latency" | "read" | "comparison" | "issue" | "order";

export interface Observations {
  add(metric: Metric, label: string): void;
  /** Sums since a time, with the first minute that contributed. */
  totals(metrics: readonly Metric[], since: Date): Promise<ObservedTotal[]>;
  /** The beginning of the latest minute in which something was counted; undefined for nothing that is still kept. */
  latest(metric: Metric, label: string): Promise<Date | undefined>;
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

/** When a model's bill of materials was last compared, and when that last failed. */
interface ModelComparison {
  modelCode: string;
  comparedAt: Date | null;
  failedAt: Date | null;
  /** Why it failed; null unless it did. */
  failure: string | null;
}

/** The comparisons of PLM and MRP by model, over all replicas. */
export interface Comparisons {
  compared(modelCode: string, at: Date): Promise<void>;
  failed(modelCode: string, failure: string, at: Date): Promise<void>;
  all(): Promise<readonly ModelComparison[]>;
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
