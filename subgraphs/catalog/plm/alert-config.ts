import { decimal, integer, type Environment } from "../../../lib/env.ts";
import { DEFAULT_THRESHOLDS, type AlertThresholds } from "./domain/alert-thresholds.ts";

/** When alerts fire and the mode steps back. */
export const alertVariables = {
  PLM_ALERT_AVAILABILITY: decimal({
    description: "Share of the calls of 5 minutes that the PLM has to answer, or an alert begins",
    min: 0,
    max: 1,
    fallback: DEFAULT_THRESHOLDS.availability,
  }),
  PLM_ALERT_P95_MS: integer({
    description: "Milliseconds that one call in twenty may exceed before an alert begins",
    min: 1,
    max: 60_000,
    fallback: DEFAULT_THRESHOLDS.latencyP95Ms,
  }),
  PLM_ALERT_DIFF_RATE: decimal({
    description: "Share of the comparisons that may differ before an alert begins",
    min: 0,
    max: 1,
    fallback: DEFAULT_THRESHOLDS.diffRate,
  }),
  PLM_ALERT_CIRCUIT_OPEN_MINUTES: integer({
    description: "Minutes that the circuit may be open before an alert begins",
    min: 0,
    max: 1_440,
    fallback: DEFAULT_THRESHOLDS.circuitOpenMinutes,
  }),
  PLM_ALERT_AUTH_FAILURES: integer({
    description: "Refusals of our credentials within 5 minutes that begin an alert",
    min: 1,
    max: 1_000,
    fallback: DEFAULT_THRESHOLDS.authFailures,
  }),
  PLM_ALERT_SILENCE_MINUTES: integer({
    description:
      "Minutes without any success, while calls fail, that begin an alert however few the calls are",
    min: 1,
    max: 1_440,
    fallback: DEFAULT_THRESHOLDS.silenceMinutes,
  }),
  PLM_ROLLBACK_ERROR_RATE: decimal({
    description: "Share of failed calls that asks for a rollback",
    min: 0,
    max: 1,
    fallback: DEFAULT_THRESHOLDS.rollbackErrorRate,
  }),
  PLM_ROLLBACK_P95_MS: integer({
    description: "Milliseconds that one call in twenty may exceed before a rollback is asked for",
    min: 1,
    max: 60_000,
    fallback: DEFAULT_THRESHOLDS.rollbackLatencyP95Ms,
  }),
  PLM_ROLLBACK_MINUTES: integer({
    description: "Minutes that errors or silence have to last before a rollback is asked for",
    min: 1,
    max: 1_440,
    fallback: DEFAULT_THRESHOLDS.rollbackMinutes,
  }),
};

/** The thresholds that the environment names. */
export const alertsOf = (env: Environment<typeof alertVariables>): AlertThresholds => ({
  availability: env.PLM_ALERT_AVAILABILITY,
  latencyP95Ms: env.PLM_ALERT_P95_MS,
  diffRate: env.PLM_ALERT_DIFF_RATE,
  circuitOpenMinutes: env.PLM_ALERT_CIRCUIT_OPEN_MINUTES,
  authFailures: env.PLM_ALERT_AUTH_FAILURES,
  silenceMinutes: env.PLM_ALERT_SILENCE_MINUTES,
  rollbackErrorRate: env.PLM_ROLLBACK_ERROR_RATE,
  rollbackLatencyP95Ms: env.PLM_ROLLBACK_P95_MS,
  rollbackMinutes: env.PLM_ROLLBACK_MINUTES,
});
