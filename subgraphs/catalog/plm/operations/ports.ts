import type { AlertSeverity } from "../domain/alerts.ts";
import type { FieldDiff } from "../domain/shadow-diff.ts";

/** What is counted by minute, over all replicas; the labels say which. */
export type Metric = "call" | "latency" | "read" | "comparison" | "issue" | "order";

/** From a time on to another that is no part of it, in steps of so many minutes. */
export interface ObservedSpan {
  since: Date;
  until: Date;
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

/** Differences with something in common; members that are null are none of it. */
export interface DiffGroup {
  kind: FieldDiff["kind"] | null;
  severity: FieldDiff["severity"] | null;
  field: string | null;
  modelCode: string | null;
  place: string | null;
  mrp: string | null;
  plm: string | null;
  lines: number;
  /** How many of them nobody has classified. */
  open: number;
  models: number;
  lastSeenAt: Date;
  /** The newest of them. */
  example: ShadowDiff;
}

export interface Acknowledgement {
  classification: DiffClassification;
  note: string | null;
  by: string;
  at: Date;
}

/** When a model's bill of materials was last compared, and when that last failed. */
export interface ModelComparison {
  modelCode: string;
  comparedAt: Date | null;
  failedAt: Date | null;
  /** Why it failed; null unless it did. */
  failure: string | null;
}

export type AlertState = "FIRING" | "RESOLVED" | "ACKNOWLEDGED";

/** Which alerts are meant. */
export interface AlertFilter {
  state?: AlertState | null | undefined;
  severity?: AlertSeverity | null | undefined;
  /** Text in what they say, in any case. */
  search?: string | null | undefined;
}

export type AlertSort = "RAISED" | "SEVERITY" | "KIND" | "STATE";

/** A place in a list of alerts: the text that it is sorted by, and the id. */
interface AlertPlace {
  value: string;
  id: string;
}

export interface AlertListRequest {
  first: number;
  after: AlertPlace | undefined;
  sort: AlertSort;
  isFalling: boolean;
}

export type PlacedAlert = PlmAlert & { place: AlertPlace };

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
  /** Who looks after it, and since when; both null until a person does. */
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  value: number | null;
  threshold: number | null;
}
