import type { KpiName, KpiResult } from "../domain/kpi.ts";

/**
 * Why a KPI has no value. Everybody who may see the run reads the message as the result's detail: it names neither
 * addresses nor accounts nor folders of ours.
 */
export class NotMeasurable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NotMeasurable";
  }
}

export interface KpiValidator {
  name: KpiName;
  /** What has to be configured before it can measure anything; null when nothing is missing. */
  missing: string | null;
  /** Longest time that a measurement may take. */
  timeoutMs: number;
  /**
   * Measures what lies in a folder below the artifacts.
   *
   * @throws NotMeasurable; what the signal was aborted with
   */
  measure(folder: string, signal: AbortSignal): Promise<Measurement>;
}

export interface Measurement {
  value: number | boolean;
  /** How it came about. */
  detail: string;
}

/** A stored result. */
export interface KpiReceipt extends KpiResult {
  id: string;
  runId: string;
  measuredAt: Date;
}
