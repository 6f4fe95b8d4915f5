import {
  decimal,
  integer,
  list,
  optionalText,
  optionalUrl,
  readEnvironment,
  text,
  url,
  type Environment,
} from "../../lib/env.ts";
import { subgraphConfigOf, subgraphVariables, webhookSecrets, type SubgraphConfig } from "../kit/config.ts";
import type { AllowPrivate } from "../../lib/outbound.ts";
import { allowPrivateOf, publicAddresses } from "../../lib/outbound-env.ts";
import { tokenRules } from "../../lib/token-env.ts";
import type { GraphOptions } from "./adapters/kpi/graph.ts";

const DAY_MS = 86_400_000;

/** Environment of the PLMS subgraph. */
export const plmsVariables = {
  ...subgraphVariables(6100),
  PAS_BASE_URL: url({
    description: "Where the executor lives",
    schemes: ["http", "https"],
    fallback: "http://127.0.0.1:5000",
  }),
  PAS_TIMEOUT_MS: integer({
    description: "Milliseconds that submitting a run may take, retries included",
    min: 100,
    max: 300_000,
    fallback: 30_000,
  }),
  CALIBRATION_ALPHA: decimal({
    description: "Weight of the newest run in the priors",
    min: 0.01,
    max: 0.9,
    fallback: 0.3,
  }),
  CALIBRATION_GRACE_SECONDS: integer({
    description: "How long receipts that a completion has overtaken may take before the run is learnt from",
    min: 0,
    max: 3600,
    fallback: 30,
  }),
  WEBHOOK_SECRET_PAS: webhookSecrets({
    description: "Secret that the executor signs its webhooks with; two, by comma, while it changes",
    min: 1,
  }),
  WEBHOOK_RETENTION_DAYS: integer({
    description: "How long ids of received webhooks are kept, to recognise repetitions",
    min: 1,
    max: 365,
    fallback: 7,
  }),
  RECONCILE_SECONDS: integer({
    description: "How often the executor is asked about runs whose state may have changed unnoticed",
    min: 1,
    max: 3600,
    fallback: 30,
  }),
  AUTH_ANONYMOUS_SCOPES: list({ description: "Scopes of REST callers without a token", fallback: "" }),
  ALLOWED_ORIGINS: list({
    description:
      "Origins of pages that may ask over REST and read the answers; `*` allows all, without credentials",
    fallback: "",
  }),
  ARTIFACTS_DIR: optionalText({
    description: "Folder of requirements documents and of what runs produced; the only one that is read",
  }),
  KPI_DATABASE_URL: optionalUrl({
    description: "PostgreSQL whose schema and row counts KPIs look at, as a user that may only read",
    schemes: ["postgres", "postgresql"],
    secret: true,
  }),
  KPI_TIMEOUT_SECONDS: integer({
    description: "Longest time that measuring one KPI may take; each has its own limit below it",
    min: 1,
    max: 300,
    fallback: 300,
  }),
  NEO4J_URL: optionalUrl({
    description: "Neo4j whose edges KPIs count, its HTTP address",
    schemes: ["http", "https"],
  }),
  NEO4J_DATABASE: text({ description: "Database in Neo4j", fallback: "neo4j" }),
  NEO4J_USER: text({ description: "User of Neo4j", fallback: "neo4j" }),
  NEO4J_PASSWORD: optionalText({
    description: "Password of Neo4j; without it nobody signs in",
    secret: true,
  }),
  USAGE_TOKENS: list({
    description:
      "Who may tell usage as OpenTelemetry spans or by LiteLLM's callback: tenant=token, tokens of 24 characters or more; nobody when left out",
    fallback: "",
    secret: true,
  }),
  LANES_FILE: optionalText({
    description:
      "JSON file of the lanes that this installation works in, read at start; without one, defineLanes makes them",
  }),
  PRICES_FILE: optionalText({
    description:
      "JSON file of what tokens cost by model and day, read at start; it comes before the list prices that are built in",
  }),
  GIT_COMMIT: optionalText({
    description: "Commit of this software for replay passports; read from .git when left out",
  }),
};

/** Everything that the PLMS subgraph can be told; durations carry their unit. */
export interface PlmsConfig extends SubgraphConfig {
  /** Scopes of REST callers without a token. */
  anonymousScopes: readonly string[];
  /** Pages of other origins that may ask over REST. */
  allowedOrigins: readonly string[];
  pas: { baseUrl: string; timeoutMs: number; allowPrivate: AllowPrivate };
  /** Weight of the newest run in the priors, 0-1. */
  calibrationAlpha: number;
  /** How long receipts may come after the completion before the run is learnt from; those that come later count as well. */
  calibrationGraceMs: number;
  webhookSecrets: readonly string[];
  /** How long ids of received webhooks are kept. */
  inboxRetentionMs: number;
  /** How often the executor is asked about runs that are under way. */
  reconcileMs: number;
  /** The only folder that files are read from; none when absent. */
  artifactsDir: string | undefined;
  gitCommit: string | undefined;
  /** The tenant of each token that usage may be told with. */
  usageTokens: ReadonlyMap<string, string>;
  /** Where the installation's lanes are listed. */
  lanesFile: string | undefined;
  /** Prices that come before the built-in ones. */
  pricesFile: string | undefined;
  /** What KPIs look at besides files. */
  kpis: { databaseUrl: string | undefined; neo4j: GraphOptions | undefined; longestMs: number };
  /** Provider versions by name, fixed in each run when it is created. */
  providerMatrix: Readonly<Record<string, string>>;
  /** How often a watched runway is read again while a run is executing. */
  runwayRefreshMs: number;
}

/**
 * Reads the environment of the PLMS subgraph.
 *
 * @throws EnvironmentError naming every bad variable
 */
export function readPlmsConfig(
  source: Readonly<Record<string, string | undefined>> = process.env,
): PlmsConfig {
  const env = readEnvironment(plmsVariables, source, [
    ...tokenRules,
    ...publicAddresses("PAS_BASE_URL", "NEO4J_URL"),
  ]);
  return {
    ...subgraphConfigOf(env),
    anonymousScopes: env.AUTH_ANONYMOUS_SCOPES,
    allowedOrigins: env.ALLOWED_ORIGINS,
    pas: { baseUrl: env.PAS_BASE_URL, timeoutMs: env.PAS_TIMEOUT_MS, allowPrivate: allowPrivateOf(env) },
    calibrationAlpha: env.CALIBRATION_ALPHA,
    calibrationGraceMs: env.CALIBRATION_GRACE_SECONDS * 1000,
    webhookSecrets: env.WEBHOOK_SECRET_PAS,
    inboxRetentionMs: env.WEBHOOK_RETENTION_DAYS * DAY_MS,
    reconcileMs: env.RECONCILE_SECONDS * 1000,
    artifactsDir: env.ARTIFACTS_DIR,
    gitCommit: env.GIT_COMMIT,
    usageTokens: tokensIn(env.USAGE_TOKENS),
    lanesFile: env.LANES_FILE,
    pricesFile: env.PRICES_FILE,
    kpis: {
      databaseUrl: env.KPI_DATABASE_URL,
      neo4j: graphIn(env),
      longestMs: env.KPI_TIMEOUT_SECONDS * 1000,
    },
    providerMatrix: { "gpt-4": "0613", "llama3.1": "8b" },
    runwayRefreshMs: 10_000,
  };
}

const USAGE_TOKEN = /^([^=\s]{1,256})=(\S{24,256})$/;

/** @throws Error naming the variable; the token itself is not shown */
function tokensIn(pairs: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.map((pair, index) => {
      const [, tenant, token] = USAGE_TOKEN.exec(pair) ?? [];
      if (tenant === undefined || token === undefined)
        throw new Error(
          `USAGE_TOKENS: item ${index + 1} is not tenant=token with 24-256 characters of token`,
        );
      return [token, tenant];
    }),
  );
}

const graphIn = (env: Environment<typeof plmsVariables>): GraphOptions | undefined =>
  env.NEO4J_URL === undefined
    ? undefined
    : {
        url: env.NEO4J_URL,
        user: env.NEO4J_USER,
        password: env.NEO4J_PASSWORD,
        database: env.NEO4J_DATABASE,
        allowPrivate: allowPrivateOf(env),
      };
