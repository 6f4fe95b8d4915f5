import type { AuthSettings } from "./identity/identify.ts";
import { fileURLToPath } from "node:url";
import {
  choice,
  integer,
  list,
  optionalText,
  readEnvironment,
  text,
  type Environment,
  type Rule,
} from "../lib/env.ts";
import { LOG_LEVELS } from "../lib/log.ts";
import {
  eventStreamSettings,
  eventStreamVariables,
  type EventStreamSettings,
} from "./event-streams/config.ts";
import { outboundVariables } from "../lib/outbound-env.ts";
import { tokenRules, tokenSettingsOf, tokenVariables } from "../lib/token-env.ts";
import { PLANNERS, type PlanningSettings } from "./execution/planner/planners.ts";
import { limitRules, limitSettings, limitVariables, type LimitSettings } from "./limits/config.ts";
import {
  subscriptionSettings,
  subscriptionVariables,
  type SubscriptionSettings,
} from "./subscriptions/config.ts";
import { readSubgraphOptions, type SubgraphOptions } from "./transport/subgraph-options.ts";
import { transportSettings, transportVariables, type TransportSettings } from "./transport/config.ts";

export const gatewayVariables = {
  HOST: text({ fallback: "127.0.0.1", description: "Address to listen on." }),
  PORT: integer({
    min: 0,
    max: 65_535,
    fallback: 4000,
    description: "Port to listen on; 0 picks a free one.",
  }),
  NODE_ENV: choice({
    of: ["development", "test", "production"],
    fallback: "development",
    description: "Production hides introspection.",
  }),
  LOG_LEVEL: choice({ of: LOG_LEVELS, fallback: "info", description: "Least severe messages to log." }),
  SUPERGRAPH_FILE: text({
    fallback: fileURLToPath(new URL("../schema/supergraph.graphql", import.meta.url)),
    description: "Any Federation 2 supergraph; watched and swapped while running, the last good one is kept.",
  }),
  QUERY_PLANNER: choice({
    of: PLANNERS,
    fallback: "native",
    description:
      "Who plans operations: Hive Router's native planner, or Apollo's in JavaScript. With `native`, Apollo's is asked where the native one has no binary or fails, if it is installed; with `native-only` never, and what only Apollo's could plan is refused.",
  }),
  OVERRIDE_LABELS: list({
    fallback: "",
    description:
      "Labels of `@override(label:)` that every request follows, beside those in the `override_labels` of its token. Percentages need no setting.",
  }),
  SUBGRAPH_URLS: list({
    fallback: "",
    description: "Addresses that replace those of the supergraph file, as name=url.",
  }),
  COMPRESS_ABOVE_BYTES: integer({
    min: 0,
    max: 67_108_864,
    fallback: 1_024,
    description:
      "Answers in one piece that are longer are compressed, where the client accepts zstd, br or gzip; streams never are.",
  }),
  ...transportVariables,
  PLUGINS: list({
    fallback: "",
    description: "Modules whose default export is a plugin; see docs/plugins.md.",
  }),
  GATEWAY_SUBGRAPH_SECRET: optionalText({
    min: 16,
    secret: true,
    description:
      "Proves the gateway to the subgraphs that SUBGRAPH_SECRETS does not name; may be left out with SUBGRAPH_SECRETS, and while AUTH_MODE is off.",
  }),
  AUTH_MODE: choice({
    of: ["jwt", "off"],
    fallback: "jwt",
    description: "`off` lets everyone do everything.",
  }),
  AUTH_OFF_I_MEAN_IT: choice({
    of: ["0", "1"],
    fallback: "0",
    description: "Allows AUTH_MODE=off in production.",
  }),
  AUTH_ANONYMOUS_SCOPES: list({ fallback: "", description: "Scopes of callers without a token." }),
  ...tokenVariables,
  ...outboundVariables,
  ...limitVariables,
  ...subscriptionVariables,
  ...eventStreamVariables,
};

type GatewayEnvironment = Environment<typeof gatewayVariables>;

export interface GatewayConfig {
  host: string;
  port: number;
  isProduction: boolean;
  logLevel: string;
  supergraphFile: string;
  planning: PlanningSettings;
  /** Longer answers are compressed for clients that take that. */
  compressAboveBytes: number;
  /** Addresses by subgraph name, in place of the supergraph file's. */
  subgraphUrls: ReadonlyMap<string, string>;
  subgraphSecret: string;
  /** Secrets of single subgraphs by name, in place of that one. */
  subgraphSecrets: ReadonlyMap<string, string>;
  subgraphOptions: SubgraphOptions;
  /** Files of plugins. */
  plugins: readonly string[];
  transport: TransportSettings;
  auth: AuthSettings;
  limits: LimitSettings;
  subscriptions: SubscriptionSettings;
  eventStreams: EventStreamSettings;
}

const rules: readonly Rule<typeof gatewayVariables>[] = [
  (env) =>
    env.AUTH_MODE === "off" && env.NODE_ENV === "production" && env.AUTH_OFF_I_MEAN_IT !== "1"
      ? 'AUTH_MODE: "off" is not allowed when NODE_ENV is "production", unless AUTH_OFF_I_MEAN_IT is 1'
      : undefined,
  (env) =>
    env.AUTH_MODE === "jwt" && env.GATEWAY_SUBGRAPH_SECRET === undefined && env.SUBGRAPH_SECRETS.length === 0
      ? "GATEWAY_SUBGRAPH_SECRET is missing; expected at least 16 characters"
      : undefined,
  (env) =>
    env.AUTH_MODE === "jwt" && env.JWT_SECRET === undefined && env.JWT_JWKS_URL === undefined
      ? "JWT_SECRET, JWT_JWKS_URL: both are missing; expected one of them while AUTH_MODE is jwt"
      : undefined,
  (env) => {
    const bad = env.SUBGRAPH_URLS.find((entry) => !/^[^=]+=https?:\/\/\S+$/.test(entry));
    return bad === undefined
      ? undefined
      : `SUBGRAPH_URLS: ${JSON.stringify(bad)} is not allowed; expected name=http://host:port/path`;
  },
  (env) =>
    env.SUBGRAPH_SECRETS.every((entry) => /^[^=]+=.{16,}$/.test(entry))
      ? undefined
      : "SUBGRAPH_SECRETS: an entry (hidden) is not allowed; expected name=secret with at least 16 characters of secret",
  ...tokenRules,
  ...limitRules,
];

/**
 * Reads the gateway's environment.
 *
 * @throws EnvironmentError listing every problem
 */
export function readGatewayConfig(
  source: Readonly<Record<string, string | undefined>> = process.env,
): GatewayConfig {
  const env = readEnvironment(gatewayVariables, source, rules);
  return {
    host: env.HOST,
    port: env.PORT,
    isProduction: env.NODE_ENV === "production",
    logLevel: env.LOG_LEVEL,
    supergraphFile: env.SUPERGRAPH_FILE,
    planning: { preferred: env.QUERY_PLANNER, overrides: { labels: new Set(env.OVERRIDE_LABELS) } },
    compressAboveBytes: env.COMPRESS_ABOVE_BYTES,
    subgraphUrls: new Map(env.SUBGRAPH_URLS.map(splitAtEquals)),
    transport: transportSettings(env),
    subgraphSecret: env.GATEWAY_SUBGRAPH_SECRET ?? "",
    subgraphSecrets: new Map(env.SUBGRAPH_SECRETS.map(splitAtEquals)),
    plugins: env.PLUGINS,
    subgraphOptions: readSubgraphOptions(env.SUBGRAPHS_FILE, source),
    auth: authSettings(env),
    limits: limitSettings(env),
    eventStreams: eventStreamSettings(env),
    subscriptions: subscriptionSettings(env, {
      requireToken:
        env.NODE_ENV === "production" && env.AUTH_MODE === "jwt" && env.AUTH_ANONYMOUS_SCOPES.length === 0,
    }),
  };
}

function authSettings(env: GatewayEnvironment): AuthSettings {
  if (env.AUTH_MODE === "off") return { mode: "off" };
  return { mode: "jwt", anonymousScopes: env.AUTH_ANONYMOUS_SCOPES, ...tokenSettingsOf(env) };
}

function splitAtEquals(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}
