import {
  choice,
  integer,
  list,
  optionalUrl,
  requiredText,
  requiredUrl,
  text,
  type Environment,
  type Variable,
} from "../../lib/env.ts";
import { brokerSettings, brokerVariables, type BrokerSettings } from "../../lib/broker/open-broker.ts";
import type { TokenSettings } from "../../lib/jwt.ts";
import { LOG_LEVELS } from "../../lib/log.ts";
import { outboundVariables } from "../../lib/outbound-env.ts";
import { tokenSettingsOf, tokenVariables } from "../../lib/token-env.ts";

const WEBHOOK_SECRETS_MAX = 2;
const WEBHOOK_SECRET = /^whsec_[A-Za-z0-9+/]{16,}={0,2}$/;

/** What every subgraph can be told; `port` is the default of `PORT`. */
export const subgraphVariables = (port: number) => ({
  HOST: text({ description: "Address to listen on", fallback: "127.0.0.1" }),
  PORT: integer({
    description: "Port to listen on; 0 takes any free one",
    min: 0,
    max: 65_535,
    fallback: port,
  }),
  DATABASE_URL: requiredUrl({
    description: "PostgreSQL, like postgresql://user:password@host:5432/name",
    schemes: ["postgres", "postgresql"],
    secret: true,
  }),
  REDIS_URL: optionalUrl({
    description:
      "Redis that replicas share, for hints of what changed and for the catalogue's cache; without it hints go through PostgreSQL alone, and each process keeps a cache of its own",
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
  IDEMPOTENCY_TTL_SECONDS: integer({
    description: "How long an idempotency key is remembered",
    min: 60,
    max: 2_592_000,
    fallback: 86_400,
  }),
  ...tokenVariables,
  ...outboundVariables,
  ...brokerVariables,
});

type SubgraphEnvironment = Environment<ReturnType<typeof subgraphVariables>>;

/** What every subgraph knows of its environment. */
export interface SubgraphConfig {
  address: { host: string; port: number };
  databaseUrl: string;
  redisUrl: string | undefined;
  /** Where what happens is published. */
  broker: BrokerSettings;
  logLevel: string;
  gatewaySecret: string;
  idempotencyTtlMs: number;
  /** How callers over REST prove who they are. */
  tokens: TokenSettings;
}

/** What every subgraph is told, from the values of `subgraphVariables`. */
export const subgraphConfigOf = (env: SubgraphEnvironment): SubgraphConfig => ({
  address: { host: env.HOST, port: env.PORT },
  databaseUrl: env.DATABASE_URL,
  redisUrl: env.REDIS_URL,
  broker: brokerSettings(env),
  logLevel: env.LOG_LEVEL,
  gatewaySecret: env.GATEWAY_SUBGRAPH_SECRET,
  idempotencyTtlMs: env.IDEMPOTENCY_TTL_SECONDS * 1000,
  tokens: tokenSettingsOf(env),
});

/** Secrets that a partner signs its webhooks with: `min` to two, so that they can be changed without a gap. */
export function webhookSecrets(spec: { description: string; min: 0 | 1 }): Variable<readonly string[]> {
  const { fallback, ...secrets } = list({ description: spec.description, fallback: "", secret: true });
  const areUsable = (given: readonly string[]) =>
    given.length >= spec.min &&
    given.length <= WEBHOOK_SECRETS_MAX &&
    given.every((secret) => WEBHOOK_SECRET.test(secret));
  return {
    ...secrets,
    ...(spec.min === 0 && { fallback }),
    schema: secrets.schema.refine(areUsable),
    allowed: `${spec.min === 0 ? "at most" : "one or"} two secrets like whsec_<base64>, separated by a comma`,
  };
}
