import { z } from "zod";
import {
  choice,
  flag,
  integer,
  optionalText,
  optionalUrl,
  readEnvironment,
  requiredText,
  text,
  type Environment,
  type Variable,
} from "../../lib/env.ts";
import { LOG_LEVELS } from "../../lib/log.ts";

/** Environment of the catalogue subgraph. */
export const catalogVariables = {
  HOST: text({ description: "Address to listen on", fallback: "127.0.0.1" }),
  PORT: integer({
    description: "Port to listen on; 0 takes any free one",
    min: 0,
    max: 65_535,
    fallback: 6200,
  }),
  DATABASE_URL: {
    description: "PostgreSQL, like postgresql://user:password@host:5432/name",
    schema: z.string().refine((value) => URL.canParse(value) && /^postgres(ql)?:/.test(value)),
    allowed: "a URL that starts with postgres:// or postgresql://",
    secret: true,
  },
  REDIS_URL: optionalUrl({
    description: "Redis for the cache that replicas share; without it each process keeps its own",
    schemes: ["redis", "rediss"],
    secret: true,
  }),
  LOG_LEVEL: choice({ description: "Least severe log line to print", of: LOG_LEVELS, fallback: "info" }),
  NODE_ENV: choice({
    description: "Kind of environment",
    of: ["development", "test", "production"],
    fallback: "development",
  }),
  GATEWAY_SUBGRAPH_SECRET: requiredText({
    description: "What the gateway proves itself with",
    min: 16,
    secret: true,
  }),
  PLM_MODE: choice({
    description: "Whether the PLM is asked at all; disabled answers from the MRP alone",
    of: ["disabled", "enabled"],
    fallback: "enabled",
  }),
  PLM_BASE_URL: optionalUrl({ description: "Where the PLM's API lives", schemes: ["http", "https"] }),
  PLM_CLIENT_ID: optionalText({ description: "OAuth client id at the PLM" }),
  PLM_CLIENT_SECRET: optionalText({ description: "OAuth client secret at the PLM", secret: true }),
  PLM_FALLBACK_ENABLED: flag({
    description: "Whether the MRP's tables may stand in for the PLM",
    fallback: true,
  }),
  PLM_CACHE_ENABLED: flag({ description: "Whether answers of the PLM are kept", fallback: true }),
  PLM_CACHE_TTL_SECONDS: integer({
    description: "How long an answer is fresh",
    min: 300,
    max: 900,
    fallback: 600,
  }),
  PLM_CACHE_STALE_SECONDS: integer({
    description: "How long after that an answer may stand in for a failing PLM",
    min: 0,
    max: 604_800,
    fallback: 86_400,
  }),
  PLM_CIRCUIT_BREAKER_THRESHOLD: integer({
    description: "Failures within the window that open the circuit",
    min: 1,
    max: 1000,
    fallback: 5,
  }),
  PLM_CIRCUIT_BREAKER_WINDOW_SECONDS: integer({ description: "The window", min: 1, max: 3600, fallback: 30 }),
  PLM_CIRCUIT_OPEN_SECONDS: integer({
    description: "How long the circuit stays open at first; doubles up to 120 s or this, whichever is more",
    min: 1,
    max: 3600,
    fallback: 10,
  }),
  PLM_POLL_SECONDS: integer({
    description: "How often the PLM is asked whether its catalogue changed, readers or not; 0 never",
    min: 0,
    max: 3600,
    fallback: 15,
  }),
  PLM_MAX_CONCURRENT: integer({
    description: "Calls to the PLM at the same time",
    min: 1,
    max: 1000,
    fallback: 10,
  }),
  PLM_DEADLINE_MS: integer({
    description: "Milliseconds that a call to the PLM may take, retry included",
    min: 10,
    max: 60_000,
    fallback: 700,
  }),
};

type CatalogEnvironment = Environment<typeof catalogVariables>;

interface PlmConnectionConfig {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  maxConcurrent: number;
  deadlineMs: number;
}

/** Everything that the catalogue subgraph can be told; durations carry their unit. */
export interface CatalogConfig {
  address: { host: string; port: number };
  databaseUrl: string;
  redisUrl: string | undefined;
  logLevel: string;
  gatewaySecret: string;
  plm: {
    /** Absent: the PLM is never asked. */
    connection: PlmConnectionConfig | undefined;
    fallbackEnabled: boolean;
    /** Time between two looks for changes; 0 for none. */
    pollMs: number;
    cache: { enabled: boolean; ttlMs: number; staleMs: number };
    circuit: { threshold: number; windowMs: number; openMs: number };
  };
}

/**
 * Reads the environment of the catalogue subgraph.
 *
 * @throws EnvironmentError naming every bad variable
 */
export function readCatalogConfig(
  source: Readonly<Record<string, string | undefined>> = process.env,
): CatalogConfig {
  const isDisabled = source["PLM_MODE"] === "disabled";
  const env = readEnvironment(
    isDisabled ? catalogVariables : { ...catalogVariables, ...neededByPlm },
    source,
  );
  return {
    address: { host: env.HOST, port: env.PORT },
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    logLevel: env.LOG_LEVEL,
    gatewaySecret: env.GATEWAY_SUBGRAPH_SECRET,
    plm: {
      connection: connectionOf(env),
      fallbackEnabled: env.PLM_FALLBACK_ENABLED,
      pollMs: env.PLM_POLL_SECONDS * 1000,
      cache: {
        enabled: env.PLM_CACHE_ENABLED,
        ttlMs: env.PLM_CACHE_TTL_SECONDS * 1000,
        staleMs: env.PLM_CACHE_STALE_SECONDS * 1000,
      },
      circuit: {
        threshold: env.PLM_CIRCUIT_BREAKER_THRESHOLD,
        windowMs: env.PLM_CIRCUIT_BREAKER_WINDOW_SECONDS * 1000,
        openMs: env.PLM_CIRCUIT_OPEN_SECONDS * 1000,
      },
    },
  };
}

const neededByPlm = {
  PLM_BASE_URL: needed(catalogVariables.PLM_BASE_URL),
  PLM_CLIENT_ID: needed(catalogVariables.PLM_CLIENT_ID),
  PLM_CLIENT_SECRET: needed(catalogVariables.PLM_CLIENT_SECRET),
};

function needed(variable: Variable<string | undefined>): Variable<string | undefined> {
  return {
    ...variable,
    schema: variable.schema.refine((value) => value !== undefined),
    allowed: `${variable.allowed}, unless PLM_MODE is disabled`,
  };
}

function connectionOf(env: CatalogEnvironment): PlmConnectionConfig | undefined {
  const { PLM_MODE, PLM_BASE_URL: baseUrl, PLM_CLIENT_ID: clientId, PLM_CLIENT_SECRET: clientSecret } = env;
  if (PLM_MODE === "disabled" || !baseUrl || !clientId || !clientSecret) return undefined;
  return {
    baseUrl,
    clientId,
    clientSecret,
    maxConcurrent: env.PLM_MAX_CONCURRENT,
    deadlineMs: env.PLM_DEADLINE_MS,
  };
}
