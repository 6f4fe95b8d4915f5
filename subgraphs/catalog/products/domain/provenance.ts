/** Where a value came from just now. */
export type DataSource = "PLM" | "PLM_CACHE" | "PLM_STALE" | "MRP";

/** Why the PLM itself did not answer. */
export type FallbackReason =
  | "DISABLED"
  | "SHADOW"
  | "CIRCUIT_OPEN"
  | "TIMEOUT"
  | "UNAVAILABLE"
  | "AUTH_FAILED"
  | "RATE_LIMITED"
  | "MALFORMED"
  | "EMPTY"
  | "SHRUNK"
  | "NOT_IN_PLM";

export interface Provenance {
  source: DataSource;
  /** When the value left its source. */
  fetchedAt: Date;
  ageSeconds: number;
  /** True when the value is older than its time to live. */
  stale: boolean;
  fallbackReason: FallbackReason | null;
  plmCorrelationId: string | null;
  plmSchemaVersion: string | null;
}
