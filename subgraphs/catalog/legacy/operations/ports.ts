import type { LegacyCaller } from "../domain/retirement.ts";

interface LegacyRead {
  tenant: string;
  caller: string;
  /** Like `GET /api/product-models`. */
  endpoint: string;
}

/** Who reads the legacy product API. */
export interface LegacyUsage {
  count(read: LegacyRead, at: Date): Promise<void>;
  /** Reads since a day, by caller and endpoint, the busiest first. */
  since(day: Date): Promise<readonly LegacyCaller[]>;
}

/** Whether the legacy product API was retired, for every replica. */
export interface LegacyRetirement {
  /** Null while it answers. */
  retiredAt(): Promise<Date | null>;
  /** True once it is retired, or its tables are archived. */
  isGone(): Promise<boolean>;
  set(retiredAt: Date | null): Promise<void>;
}
