import {
  choice,
  integer,
  list,
  readEnvironment,
  requiredText,
  text,
  url,
  type Environment,
  type Variable,
} from "../../lib/env.ts";
import { LOG_LEVELS } from "../../lib/log.ts";

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
  WEBHOOK_SECRET_PAS: webhookSecrets(
    "Secret that the executor signs its webhooks with; two, by comma, while it changes",
  ),
};

/** Everything that the PLMS subgraph can be told; durations carry their unit. */
export interface PlmsConfig {
  address: { host: string; port: number };
  databaseUrl: string;
  logLevel: string;
  gatewaySecret: string;
  pas: { baseUrl: string; timeoutMs: number };
  idempotencyTtlMs: number;
  webhookSecrets: readonly string[];
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
  const env = readEnvironment(plmsVariables, source, [isPostgresUrl]);
  return {
    address: { host: env.HOST, port: env.PORT },
    databaseUrl: env.DATABASE_URL,
    logLevel: env.LOG_LEVEL,
    gatewaySecret: env.GATEWAY_SUBGRAPH_SECRET,
    pas: { baseUrl: env.PAS_BASE_URL, timeoutMs: env.PAS_TIMEOUT_MS },
    idempotencyTtlMs: env.IDEMPOTENCY_TTL_SECONDS * 1000,
    webhookSecrets: env.WEBHOOK_SECRET_PAS,
    providerMatrix: { "gpt-4": "0613", "llama3.1": "8b" },
    runwayRefreshMs: 10_000,
  };
}

const isPostgresUrl = ({ DATABASE_URL }: Environment<typeof plmsVariables>): string | undefined =>
  /^postgres(ql)?:\/\//.test(DATABASE_URL) && URL.canParse(DATABASE_URL)
    ? undefined
    : "DATABASE_URL: the value given (hidden) is not allowed; expected a URL that starts with postgres:// or postgresql://";

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
