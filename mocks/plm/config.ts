import { integer, readEnvironment, text } from "../../lib/env.ts";
import { mockVariables } from "../config.ts";

/** Environment of the mock PLM, all of it optional. */
export const plmMockVariables = {
  ...mockVariables,
  MOCK_PLM_PORT: integer({ description: "Port of the mock PLM", min: 0, max: 65_535, fallback: 5100 }),
  PLM_CLIENT_ID: text({ description: "Client id that the PLM knows", fallback: "mrp-dev" }),
  PLM_CLIENT_SECRET: text({
    description: "Client secret that the PLM knows",
    fallback: "mrp-dev-secret",
    secret: true,
  }),
  MOCK_PLM_TOKEN_TTL_SECONDS: integer({
    description: "Life of an access token in seconds",
    min: 1,
    max: 86_400,
    fallback: 3600,
  }),
  MOCK_PLM_MODELS: integer({
    description: "Size of a generated catalogue in models; 0 serves the four models of the MRP",
    min: 0,
    max: 1000,
    fallback: 0,
  }),
};

/**
 * Reads the environment of the mock PLM.
 *
 * @throws EnvironmentError naming every bad variable
 */
export function readPlmMockConfig(source: Readonly<Record<string, string | undefined>> = process.env) {
  const env = readEnvironment(plmMockVariables, source);
  return {
    address: { host: env.HOST, port: env.MOCK_PLM_PORT, variable: "MOCK_PLM_PORT" },
    logLevel: env.LOG_LEVEL,
    client: { clientId: env.PLM_CLIENT_ID, clientSecret: env.PLM_CLIENT_SECRET },
    tokenTtlSeconds: env.MOCK_PLM_TOKEN_TTL_SECONDS,
    models: env.MOCK_PLM_MODELS,
    seed: env.MOCK_SEED,
  };
}
