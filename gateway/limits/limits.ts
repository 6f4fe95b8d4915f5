import type { GraphQLError, DocumentNode } from "graphql";
import type { Registry } from "prom-client";
import type { Clock } from "../../lib/clock.ts";
import type { CodedError } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import type { Operation } from "../execution/engine.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import type { LimitSettings } from "./config.ts";
import { createCostMeter } from "./cost/cost-limit.ts";
import { createDocumentTrust, type DocumentTrust } from "./document-trust.ts";
import { exceededLimit } from "./document-limits.ts";
import { parseWithin } from "./parse-within.ts";
import type { Peers } from "./peers.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import type { HeldLimit, LimitName } from "../errors/limit-names.ts";
import { createRefusals, type RefuseBy } from "./refusal.ts";
import { createSharedBuckets } from "./shared-buckets.ts";

/** What every transport asks before it does anything for a caller. Refusals are errors, and are counted. */
export interface Limits {
  /** Takes one operation for `key` (see limit-key.ts). */
  rate(key: string): CodedError | undefined;
  /** Which documents may come at all, and by which ids. */
  trust: DocumentTrust;
  /** Parses a document that is not too large; what is wrong with its syntax is a GraphQLError. */
  document(source: string): DocumentNode | GraphQLError | CodedError;
  /** Adds up what an operation costs that is valid for the supergraph. */
  cost(operation: Operation, supergraph: LoadedSupergraph): CodedError | undefined;
  /** For those who hold as many connections, sockets or subscriptions as they may. */
  tooMany(limit: HeldLimit): CodedError;
  /** Counts a refusal that was made elsewhere in the name of a limit. */
  exceeded(limit: LimitName): void;
  /** Why the limits hold for this replica alone, although they should hold for all together. */
  problem(): string | undefined;
  close(): Promise<void>;
}

export interface LimitsDependencies {
  metrics: Registry;
  clock: Clock;
  log: Log;
  /** Other workers, for whom the limits hold together with this one. */
  peers?: Peers | undefined;
  /** Hears whom the rate limit has refused an operation. */
  onLimited?: (key: string) => void;
}

export function createLimits(
  settings: LimitSettings,
  { metrics, clock, log, peers, onLimited }: LimitsDependencies,
): Limits {
  const { rate, redisUrl, cost } = settings;
  const { refuse, count } = createRefusals(metrics);
  const shared =
    redisUrl !== undefined && rate.perSecond > 0 ? createSharedBuckets(redisUrl, rate, log) : peers?.buckets;
  const limiter = createRateLimiter(rate, { clock, shared });
  const meter = createCostMeter(cost.listSize, metrics);
  return {
    trust: createDocumentTrust(settings, { metrics, refuse, peers }),
    rate: (key) => {
      const waitMs = limiter.take(key);
      if (waitMs === 0) return undefined;
      onLimited?.(key);
      return tooOften(waitMs, settings, refuse);
    },
    document: (source) => {
      const parsed = parseWithin(source, settings.document.tokens);
      if ("exceeded" in parsed) return tooLarge(parsed.exceeded, settings, refuse);
      if (!("kind" in parsed)) return parsed;
      const exceeded = exceededLimit(parsed, settings.document);
      return exceeded ? tooLarge(exceeded, settings, refuse) : parsed;
    },
    cost: (operation, supergraph) => {
      const value = meter.costOf(operation, supergraph);
      return value <= cost.max ? undefined : tooCostly(value, settings, refuse);
    },
    tooMany: (limit) => refuse(limit, { code: "RATE_LIMITED", message: tooMany(limit), retryable: true }),
    exceeded: count,
    problem: () => limiter.problem(),
    close: () => limiter.close(),
  };
}

const LABELS = {
  depth: "levels of nesting",
  aliases: "aliases",
  rootFields: "root fields",
  directives: "directives",
  fields: "fields",
  tokens: "tokens",
};

function tooLarge(limit: keyof typeof LABELS, { document }: LimitSettings, refuse: RefuseBy): CodedError {
  return refuse(limit, {
    code: "OPERATION_TOO_COMPLEX",
    message: `The operation has more than ${document[limit]} ${LABELS[limit]}`,
    allowed: `at most ${document[limit]}`,
  });
}

const tooCostly = (value: number, { cost }: LimitSettings, refuse: RefuseBy): CodedError =>
  refuse("cost", {
    code: "OPERATION_TOO_COMPLEX",
    message: `The operation may cost ${value}, and at most ${cost.max} is allowed: ask for shorter or fewer nested lists`,
    value,
    allowed: `at most ${cost.max}`,
  });

function tooMany(limit: HeldLimit): string {
  if (limit === "pipelined") return "Too many requests on a connection (pipelined): wait for their answers";
  if (limit === "planning")
    return "Too many new documents wait to be planned (planning): send them one after the other";
  if (limit.startsWith("bodies")) return `Too many bytes of requests at once (${limit}): come back later`;
  return `Too many ${/^[a-z]+/.exec(limit)?.[0]} (${limit}): end some first`;
}

const tooOften = (waitMs: number, { rate }: LimitSettings, refuse: RefuseBy): CodedError =>
  refuse("rate", {
    code: "RATE_LIMITED",
    message: `Too many operations: at most ${rate.perSecond} a second; try again in ${waitMs} ms`,
    allowed: `${rate.perSecond} a second, ${rate.burst} at once`,
    retryable: true,
    retryAfterMs: waitMs,
  });
