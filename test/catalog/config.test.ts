import { describe, expect, test } from "vitest";
import { EnvironmentError } from "../../lib/env.ts";
import { readCatalogConfig } from "../../subgraphs/catalog/config.ts";

const NEEDED = {
  DATABASE_URL: "postgresql://catalog:pw@db.example:5432/lifecycle",
  GATEWAY_SUBGRAPH_SECRET: "sixteen-or-more-characters",
  PLM_BASE_URL: "https://plm.example/api",
  PLM_CLIENT_ID: "mrp",
  PLM_CLIENT_SECRET: "hush",
};

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readCatalogConfig(env);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
  return [];
};

describe("the configuration of the catalogue", () => {
  test("needs little and has the defaults of the contract", () => {
    expect(readCatalogConfig(NEEDED)).toMatchObject({
      address: { host: "127.0.0.1", port: 6200 },
      databaseUrl: NEEDED.DATABASE_URL,
      redisUrl: undefined,
      logLevel: "info",
      gatewaySecret: NEEDED.GATEWAY_SUBGRAPH_SECRET,
      plm: {
        connection: {
          baseUrl: "https://plm.example/api",
          clientId: "mrp",
          clientSecret: "hush",
          maxConcurrent: 10,
          deadlineMs: 700,
          signingSecret: undefined,
        },
        wish: { mode: "ENABLED", models: [] },
        shadow: { sampleRate: 1, ignore: [] },
        autoRollback: false,
        maintenance: [],
        webhookSecrets: [],
        fallbackEnabled: true,
        pollMs: 15_000,
        cache: { enabled: true, ttlMs: 600_000, staleMs: 86_400_000 },
        circuit: { threshold: 5, windowMs: 30_000, openMs: 10_000, slowCallMs: 500 },
      },
    });
  });

  test("has no connection to a disabled PLM, and needs nothing for it", () => {
    const { DATABASE_URL, GATEWAY_SUBGRAPH_SECRET } = NEEDED;
    const config = readCatalogConfig({ DATABASE_URL, GATEWAY_SUBGRAPH_SECRET, PLM_MODE: "disabled" });
    expect(config.plm.connection).toBeUndefined();
  });

  test("names all that is bad at once", () => {
    const problems = problemsOf({
      ...NEEDED,
      PORT: "http",
      PLM_MODE: "on",
      PLM_CACHE_TTL_SECONDS: "60",
      GATEWAY_SUBGRAPH_SECRET: "short",
    });
    expect(problems).toEqual([
      'PORT: "http" is not allowed; expected an integer from 0 to 65535',
      "GATEWAY_SUBGRAPH_SECRET: the value given (hidden) is not allowed; expected at least 16 characters",
      'PLM_MODE: "on" is not allowed; expected one of disabled, shadow, enabled',
      'PLM_CACHE_TTL_SECONDS: "60" is not allowed; expected an integer from 300 to 900',
    ]);
  });

  test("names all that an enabled PLM lacks, with everything else that is missing", () => {
    expect(problemsOf({})).toEqual([
      "DATABASE_URL is missing; expected a URL that starts with postgres:// or postgresql://",
      "GATEWAY_SUBGRAPH_SECRET is missing; expected at least 16 characters",
      "PLM_BASE_URL is missing; expected a URL that starts with http:// or https://, unless PLM_MODE is disabled",
      "PLM_CLIENT_ID is missing; expected text that is not empty, unless PLM_MODE is disabled",
      "PLM_CLIENT_SECRET is missing; expected text that is not empty, unless PLM_MODE is disabled",
    ]);
  });

  test("refuses a database that is not PostgreSQL, without showing its password", () => {
    expect(problemsOf({ ...NEEDED, DATABASE_URL: "mysql://root:geheim@db" })).toEqual([
      "DATABASE_URL: the value given (hidden) is not allowed; expected a URL that starts with postgres:// or postgresql://",
    ]);
  });
});
