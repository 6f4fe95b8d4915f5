import {
  choice,
  decimal,
  integer,
  list,
  optionalText,
  optionalUrl,
  readEnvironment,
  requiredText,
  text,
  url,
  type Environment,
  type Variable,
} from "../../lib/env.ts";
import { LOG_LEVELS } from "../../lib/log.ts";
import type { GraphOptions } from "./adapters/kpi/graph.ts";
import type { RestAuth } from "./adapters/rest/identify.ts";

const DAY_MS = 86_400_000;
const WEBHOOK_SECRETS_MAX = 2;
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{16,}={0,2}$/;

/** Environment of the PLMS subgraph. */
export const plmsVariables = {
  HOST: text({ description: "Address to listen on", fallback: "127.0.0.1" }),
  PORT: integer({
    description: "Port to listen on; 0 takes any free one",
    min: 0,
    max: 65_535,
    fallback: 6100,
  }),
  DATABASE_URL: requiredText({
    description: "PostgreSQL, like postgresql://user:password@host:5432/name",
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
  IDEMPOTENCY_TTL_SECONDS: integer({
    description: "How long an idempotency key is remembered",
    min: 60,
    max: 2_592_000,
    fallback: 86_400,
  }),
  CALIBRATION_ALPHA: decimal({
    description: "Weight of the newest run in the priors",
    min: 0.01,
    max: 0.9,
    fallback: 0.3,
  }),
  WEBHOOK_SECRET_PAS: webhookSecrets(
    "Secret that the executor signs its webhooks with; two, by comma, while it changes",
  ),
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
  JWT_SECRET: optionalText({
    description: "HS256 secret of the bearer tokens of REST callers; or use JWT_JWKS_URL",
    min: 32,
    secret: true,
  }),
  JWT_JWKS_URL: optionalUrl({
    description: "Public keys of the token issuer (RS256, ES256)",
    schemes: ["https", "http"],
  }),
  JWT_ISSUER: text({ description: "Required `iss` of tokens", fallback: "lifecycle-gateway" }),
  JWT_AUDIENCE: text({ description: "Required `aud` of tokens", fallback: "lifecycle-gateway" }),
  AUTH_ANONYMOUS_SCOPES: list({ description: "Scopes of REST callers without a token", fallback: "" }),
  ARTIFACTS_DIR: optionalText({
    description: "Folder of requirements documents and of what runs produced; the only one that is read",
  }),
  KPI_DATABASE_URL: optionalUrl({
    description: "PostgreSQL whose schema and row counts KPIs look at, as a user that may only read",
    schemes: ["postgres", "postgresql"],
    secret: true,
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
  GIT_COMMIT: optionalText({
    description: "Commit of this software for replay passports; read from .git when left out",
  }),
};

/** Everything that the PLMS subgraph can be told; durations carry their unit. */
export interface PlmsConfig {
  address: { host: string; port: number };
  databaseUrl: string;
  logLevel: string;
  gatewaySecret: string;
  /** Who may call the REST façade. */
  auth: RestAuth;
  pas: { baseUrl: string; timeoutMs: number };
  idempotencyTtlMs: number;
  /** Weight of the newest run in the priors, 0-1. */
  calibrationAlpha: number;
  webhookSecrets: readonly string[];
  /** How long ids of received webhooks are kept. */
  inboxRetentionMs: number;
  /** How often the executor is asked about runs that are under way. */
  reconcileMs: number;
  /** The only folder that files are read from; none when absent. */
  artifactsDir: string | undefined;
  gitCommit: string | undefined;
  /** What KPIs look at besides files. */
  kpis: { databaseUrl: string | undefined; neo4j: GraphOptions | undefined };
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
  const env = readEnvironment(plmsVariables, source, [isPostgresUrl, hasOneKey]);
  return {
    address: { host: env.HOST, port: env.PORT },
    databaseUrl: env.DATABASE_URL,
    logLevel: env.LOG_LEVEL,
    gatewaySecret: env.GATEWAY_SUBGRAPH_SECRET,
    auth: {
      secret: env.JWT_SECRET,
      jwksUrl: env.JWT_JWKS_URL,
      issuer: env.JWT_ISSUER,
      audience: env.JWT_AUDIENCE,
      anonymousScopes: env.AUTH_ANONYMOUS_SCOPES,
    },
    pas: { baseUrl: env.PAS_BASE_URL, timeoutMs: env.PAS_TIMEOUT_MS },
    idempotencyTtlMs: env.IDEMPOTENCY_TTL_SECONDS * 1000,
    calibrationAlpha: env.CALIBRATION_ALPHA,
    webhookSecrets: env.WEBHOOK_SECRET_PAS,
    inboxRetentionMs: env.WEBHOOK_RETENTION_DAYS * DAY_MS,
    reconcileMs: env.RECONCILE_SECONDS * 1000,
    artifactsDir: env.ARTIFACTS_DIR,
    gitCommit: env.GIT_COMMIT,
    kpis: { databaseUrl: env.KPI_DATABASE_URL, neo4j: graphIn(env) },
    providerMatrix: { "gpt-4": "0613", "llama3.1": "8b" },
    runwayRefreshMs: 10_000,
  };
}

const isPostgresUrl = ({ DATABASE_URL }: Environment<typeof plmsVariables>): string | undefined =>
  /^postgres(ql)?:\/\//.test(DATABASE_URL) && URL.canParse(DATABASE_URL)
    ? undefined
    : "DATABASE_URL: the value given (hidden) is not allowed; expected a URL that starts with postgres:// or postgresql://";

const graphIn = (env: Environment<typeof plmsVariables>): GraphOptions | undefined =>
  env.NEO4J_URL === undefined
    ? undefined
    : {
        url: env.NEO4J_URL,
        user: env.NEO4J_USER,
        password: env.NEO4J_PASSWORD,
        database: env.NEO4J_DATABASE,
      };

const hasOneKey = (env: Environment<typeof plmsVariables>): string | undefined =>
  env.JWT_SECRET !== undefined && env.JWT_JWKS_URL !== undefined
    ? "JWT_SECRET, JWT_JWKS_URL: both are given; expected at most one of them"
    : undefined;

function webhookSecrets(description: string): Variable<readonly string[]> {
  const secrets = list({ description, fallback: "", secret: true });
  const areUsable = (given: readonly string[]) =>
    given.length >= 1 &&
    given.length <= WEBHOOK_SECRETS_MAX &&
    given.every((secret) => WEBHOOK_SECRET.test(secret));
  const { fallback: _none, ...required } = secrets;
  return {
    ...required,
    schema: secrets.schema.refine(areUsable),
    allowed: "one or two secrets like whsec_<base64>, separated by a comma",
  };
}
