import { decimal, integer, readEnvironment, text, url } from "../../lib/env.ts";
import { mockVariables } from "../config.ts";

/** Environment of the mock PAS, all of it optional. */
export const pasMockVariables = {
  ...mockVariables,
  MOCK_PAS_PORT: integer({ description: "Port of the mock PAS", min: 0, max: 65_535, fallback: 5000 }),
  PAS_WEBHOOK_URL: url({
    description: "Base URL that receipts and completions are posted to",
    schemes: ["http", "https"],
    fallback: "http://127.0.0.1:6100",
  }),
  WEBHOOK_SECRET_PAS: text({
    description: "Secret that signs the webhooks of PAS; the first of two, by comma, while it changes",
    fallback: "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1wYXM=",
    min: 24,
    secret: true,
  }),
  PAS_SPEED: decimal({
    description: "Minutes of work done in one minute",
    min: 0.01,
    max: 1_000_000,
    fallback: 60,
  }),
  PAS_FAILURE_RATE: decimal({ description: "Share of tasks that fail", min: 0, max: 1, fallback: 0.02 }),
};

/**
 * Reads the environment of the mock PAS.
 *
 * @throws EnvironmentError naming every bad variable
 */
export function readPasMockConfig(source: Readonly<Record<string, string | undefined>> = process.env) {
  const env = readEnvironment(pasMockVariables, source);
  return {
    address: { host: env.HOST, port: env.MOCK_PAS_PORT, variable: "MOCK_PAS_PORT" },
    logLevel: env.LOG_LEVEL,
    webhookUrl: env.PAS_WEBHOOK_URL,
    webhookSecret: env.WEBHOOK_SECRET_PAS.split(",", 1)[0] ?? "",
    speed: env.PAS_SPEED,
    failureRate: env.PAS_FAILURE_RATE,
    seed: env.MOCK_SEED,
  };
}
