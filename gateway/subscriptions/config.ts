import { integer, list, optionalText, type Environment } from "../../lib/env.ts";
import type { DeliverySettings } from "./delivery.ts";

export const subscriptionVariables = {
  ALLOWED_ORIGINS: list({
    fallback: "",
    description: "Origins of pages, beside the gateway's own, that may open streams; `*` allows all.",
  }),
  SUBSCRIPTION_CONFLATED_FIELDS: list({
    fallback: "budgetRunway,circuitBreaker,plmHealth,riskHeatmap,runProgress",
    description: "Subscription fields whose slow clients get the latest value only.",
  }),
  SUBSCRIPTION_EVENT_FIELDS: list({
    fallback: "projectAlert,plmAlert,shadowDiff",
    description: "Subscription fields that tell what happens: new listeners get no earlier event first.",
  }),
  SUBSCRIPTION_PER_SUBJECT_FIELDS: list({
    fallback: "",
    description: "Subscription fields whose events depend on the caller's subject; nothing is shared.",
  }),
  SUBSCRIPTION_QUEUE_LIMIT: integer({
    min: 1,
    max: 100_000,
    fallback: 256,
    description: "Most events of a subscription that wait for a slow client before it is disconnected.",
  }),
  SUBSCRIPTION_LINGER_SECONDS: integer({
    min: 0,
    max: 600,
    fallback: 15,
    description: "How long events are kept for clients that were cut off.",
  }),
  SUBSCRIPTION_KEPT_BYTES_MAX: integer({
    min: 1_024,
    max: 17_179_869_184,
    fallback: 134_217_728,
    description: "Most bytes of events of all subscriptions that are kept for clients that come back.",
  }),
  SUBSCRIPTION_DRAIN_SECONDS: integer({
    min: 0,
    max: 10,
    fallback: 5,
    description: "Longest time over which a stopping gateway spreads the closing of its streams.",
  }),
  TOKEN_VERIFY_SECONDS: integer({
    min: 1,
    max: 3_600,
    fallback: 60,
    description: "How often the tokens of open connections are verified again.",
  }),
  TOKEN_REVOCATIONS_FILE: optionalText({
    description:
      "File of tokens that no longer hold, watched: lines `jti <token id>` or `sub <tenant> <subject>`.",
  }),
  TOKEN_WARNING_SECONDS: integer({
    min: 0,
    max: 3_600,
    fallback: 60,
    description: "How long before its end a socket is warned that its token expires.",
  }),
  MESSAGE_LIMIT_BYTES: integer({
    min: 1_024,
    max: 1_048_576,
    fallback: 65_536,
    description: "Largest message of a client over WebSocket.",
  }),
  SOCKETS_MAX: integer({ min: 1, max: 1_000_000, fallback: 20_000, description: "Most open sockets." }),
  SOCKETS_PER_IDENTITY: integer({
    min: 1,
    max: 1_000_000,
    fallback: 12_000,
    description: "Most open sockets of one subject, or of one address without a token.",
  }),
  SOCKETS_PER_ADDRESS: integer({
    min: 1,
    max: 1_000_000,
    fallback: 12_000,
    description: "Most open sockets from one address, whoever is behind them.",
  }),
  SUBSCRIPTIONS_MAX: integer({
    min: 1,
    max: 10_000_000,
    fallback: 200_000,
    description: "Most subscriptions of everybody together.",
  }),
  SUBSCRIPTIONS_PER_SOCKET: integer({
    min: 1,
    max: 10_000,
    fallback: 100,
    description: "Most operations that one socket runs at a time.",
  }),
  SUBSCRIPTIONS_PER_IDENTITY: integer({
    min: 1,
    max: 1_000_000,
    fallback: 20_000,
    description: "Most subscriptions of one subject, or of one address without a token.",
  }),
};

/** How streams to clients behave. */
export interface SubscriptionSettings {
  delivery: DeliverySettings;
  /** Origins of pages, beside our own, that may open streams. */
  allowedOrigins: readonly string[];
  /** How long a trigger waits for clients that were cut off. */
  lingerMs: number;
  /** Bytes of events that are kept for them, of all triggers together. */
  keptBytes: number;
  /** Longest time over which closing is spread. */
  drainWindowMs: number;
  /** How often tokens of open connections are verified again. */
  verifyEveryMs: number;
  /** Where revoked tokens are listed. */
  revocationsFile: string | undefined;
  /** How long before a token's end its client is warned. */
  expiryWarningMs: number;
  /** Connections without a token are refused. */
  requireToken: boolean;
  limits: StreamLimits;
}

interface StreamLimits {
  messageBytes: number;
  sockets: number;
  socketsPerIdentity: number;
  socketsPerAddress: number;
  subscriptions: number;
  subscriptionsPerSocket: number;
  subscriptionsPerIdentity: number;
}

export function subscriptionSettings(
  env: Environment<typeof subscriptionVariables>,
  { requireToken }: { requireToken: boolean },
): SubscriptionSettings {
  return {
    delivery: {
      conflatedFields: env.SUBSCRIPTION_CONFLATED_FIELDS,
      eventFields: env.SUBSCRIPTION_EVENT_FIELDS,
      perSubjectFields: env.SUBSCRIPTION_PER_SUBJECT_FIELDS,
      queueLimit: env.SUBSCRIPTION_QUEUE_LIMIT,
    },
    allowedOrigins: env.ALLOWED_ORIGINS,
    lingerMs: env.SUBSCRIPTION_LINGER_SECONDS * 1000,
    keptBytes: env.SUBSCRIPTION_KEPT_BYTES_MAX,
    drainWindowMs: env.SUBSCRIPTION_DRAIN_SECONDS * 1000,
    verifyEveryMs: env.TOKEN_VERIFY_SECONDS * 1000,
    revocationsFile: env.TOKEN_REVOCATIONS_FILE,
    expiryWarningMs: env.TOKEN_WARNING_SECONDS * 1000,
    requireToken,
    limits: {
      messageBytes: env.MESSAGE_LIMIT_BYTES,
      sockets: env.SOCKETS_MAX,
      socketsPerAddress: env.SOCKETS_PER_ADDRESS,
      subscriptions: env.SUBSCRIPTIONS_MAX,
      socketsPerIdentity: env.SOCKETS_PER_IDENTITY,
      subscriptionsPerSocket: env.SUBSCRIPTIONS_PER_SOCKET,
      subscriptionsPerIdentity: env.SUBSCRIPTIONS_PER_IDENTITY,
    },
  };
}
