import { publicReason } from "../../lib/errors.ts";
import type { Log } from "../../lib/log.ts";
import { redisClient } from "../../lib/redis-packages.ts";
import type { RateSettings } from "./config.ts";

/** The buckets that all replicas empty together. */
export interface SharedBuckets {
  /**
   * Takes so many tokens of each key.
   *
   * @returns what is left by position, less than nothing where replicas have given away too much; undefined when
   *   the others cannot be told
   */
  spend(spent: readonly (readonly [key: string, tokens: number])[]): Promise<number[] | undefined>;
  problem(): string | undefined;
  close(): Promise<void>;
}

const PREFIX = "gateway:rate:1:";
const ANSWER_WITHIN_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;

/** By the clock of Redis, which is one for all; a bucket that is full again is forgotten. */
const SPEND = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + time[2] / 1000
local perMs, burst = ARGV[1] / 1000, tonumber(ARGV[2])
local left = {}
for i, key in ipairs(KEYS) do
  local held = redis.call('HMGET', key, 'tokens', 'at')
  local tokens = tonumber(held[1] or burst) + (nowMs - (held[2] or nowMs)) * perMs
  tokens = math.max(math.min(burst, tokens) - ARGV[i + 2], -burst)
  redis.call('HSET', key, 'tokens', tokens, 'at', nowMs)
  redis.call('PEXPIRE', key, math.ceil((burst - tokens) / perMs) + 1000)
  left[i] = tostring(tokens)
end
return left`;

/** Buckets in Redis. While it does not answer, every replica limits by what it knows itself. */
export function createSharedBuckets(url: string, rate: RateSettings, log: Log): SharedBuckets {
  let problem: string | undefined = "Redis is not connected yet";
  const fail = (error: unknown) => {
    if (problem === undefined) log.warn({ err: error }, "the rate limit is no longer shared over replicas");
    problem = publicReason("Redis cannot be used", error);
  };
  const client = redisClient().createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: ANSWER_WITHIN_MS,
      socketTimeout: 5 * ANSWER_WITHIN_MS,
      reconnectStrategy: (attempt) => Math.min(100 * 2 ** attempt, LONGEST_RETRY_MS),
    },
    pingInterval: 2 * ANSWER_WITHIN_MS,
  });
  client.on("error", fail);
  client.on("ready", () => {
    problem = undefined;
  });
  client.connect().catch(fail);

  return {
    spend: async (spent) => {
      try {
        const answer = await client.withCommandOptions({ timeout: ANSWER_WITHIN_MS }).eval(SPEND, {
          keys: spent.map(([key]) => PREFIX + key),
          arguments: [rate.perSecond, rate.burst, ...spent.map(([, tokens]) => tokens)].map(String),
        });
        problem = undefined;
        return (answer as string[]).map(Number);
      } catch (error) {
        fail(error);
        return undefined;
      }
    },
    problem: () => problem,
    close: async () => client.destroy(),
  };
}
