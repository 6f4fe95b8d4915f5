import type { KpiCheck, KpiGate, KpiName, KpiResult } from "../domain/kpi.ts";
import type { Run } from "../domain/run.ts";

/** What it takes to hold runs to their KPIs. */
export interface KpiPorts {
  kpiValidators: ReadonlyMap<KpiName, KpiValidator>;
  kpiResults: KpiStore;
}

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

export interface KpiStore {
  /** What a run has to meet: the gates of its lanes, and the formulas of its tasks. */
  checksOf(run: Run): Promise<KpiCheck[]>;
  gatesByLane(): Promise<ReadonlyMap<number, readonly KpiGate[]>>;
  /** The newest result of each check, by run. */
  byRuns(runIds: readonly string[]): Promise<ReadonlyMap<string, readonly KpiReceipt[]>>;
  /**
   * Stores results and ends the validation with them, in one transaction: completed when all passed, needs review
   * otherwise. Undefined, and nothing stored, when the run is not waiting for it any more.
   */
  settle(
    run: Run,
    results: readonly KpiResult[],
    end: { reason: string | null; at: Date },
  ): Promise<Run | undefined>;
  /** Runs of every tenant that wait for their validation. */
  waiting(limit: number): Promise<Run[]>;
}
