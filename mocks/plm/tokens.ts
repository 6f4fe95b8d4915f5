import { randomBytes } from "node:crypto";
import type { Clock } from "../../lib/clock.ts";

export interface Tokens {
  /** A new opaque token. */
  issue(): string;
  isGood(token: string): boolean;
  /** Ends every token; returns how many were good. */
  revokeAll(): number;
}

/** Access tokens in memory, each good for the given seconds. */
export function createTokens(options: { ttlSeconds: number; clock: Clock }): Tokens {
  const { ttlSeconds, clock } = options;
  const expiries = new Map<string, number>();
  const isGood = (token: string) => (expiries.get(token) ?? -Infinity) > clock.monotonicMs();
  const dropExpired = () => {
    for (const token of expiries.keys()) if (!isGood(token)) expiries.delete(token);
  };
  return {
    issue: () => {
      dropExpired();
      const token = randomBytes(32).toString("base64url");
      expiries.set(token, clock.monotonicMs() + ttlSeconds * 1000);
      return token;
    },
    isGood,
    revokeAll: () => {
      dropExpired();
      const { size } = expiries;
      expiries.clear();
      return size;
    },
  };
}
