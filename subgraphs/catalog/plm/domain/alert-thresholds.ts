/** What the rules compare with; every one of them is configuration. Shares are 0-1. */
export interface AlertThresholds {
  /** Share of the calls that has to be answered. */
  availability: number;
  latencyP95Ms: number;
  diffRate: number;
  circuitOpenMinutes: number;
  authFailures: number;
  /** Without a success for so long, a PLM counts as away however few the calls are. */
  silenceMinutes: number;
  rollbackErrorRate: number;
  rollbackLatencyP95Ms: number;
  /** How long errors or silence have to last before the mode steps back. */
  rollbackMinutes: number;
}

export const DEFAULT_THRESHOLDS: AlertThresholds = {
  availability: 0.99,
  latencyP95Ms: 500,
  diffRate: 0.05,
  circuitOpenMinutes: 5,
  authFailures: 3,
  silenceMinutes: 5,
  rollbackErrorRate: 0.1,
  rollbackLatencyP95Ms: 2_000,
  rollbackMinutes: 15,
};
