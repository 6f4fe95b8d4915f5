import type { Approval, QualityOverride } from "../domain/approval.ts";
import type { EchoGate, LaneEcho } from "../domain/echo-gate.ts";
import type { Run } from "../domain/run.ts";

/** What it takes to hold runs to their echo gates, and to let people decide otherwise. */
export interface QualityPorts {
  quality: QualityStore;
}

export interface QualityStore {
  gates(projectIds: readonly string[]): Promise<ReadonlyMap<string, EchoGate>>;
  setGate(projectId: string, gate: EchoGate): Promise<void>;
  /** By run, its lanes in the order of their ids. */
  echoes(runIds: readonly string[]): Promise<ReadonlyMap<string, readonly LaneEcho[]>>;
  /** By project, oldest first. */
  approvals(projectIds: readonly string[]): Promise<ReadonlyMap<string, readonly Approval[]>>;
  /**
   * Completes a run that needs review and records who wanted it so, in one transaction; undefined, and nothing
   * recorded, when the run is not waiting for a review any more.
   */
  override(run: Run, decision: QualityOverride & { correlationId: string }): Promise<Run | undefined>;
}
