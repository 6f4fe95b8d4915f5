import { z } from "zod";
import type { Variable } from "./env.ts";
import { isHostOrNetwork, isRefused, type AllowPrivate } from "./outbound.ts";

const allowed =
  "true, false, or a comma-separated list of host names, addresses and networks like 10.0.0.0/8";

const allowPrivate: Variable<AllowPrivate | undefined> = {
  schema: z.string().transform(parse).refine(isUsable).optional(),
  allowed,
  description:
    "Private addresses that calls to systems outside may go to: all, none, or those of the hosts and networks listed; left out: none in production, else all",
};

/** For every process that calls systems outside. */
export const outboundVariables = { OUTBOUND_ALLOW_PRIVATE: allowPrivate };

/** What the rules on addresses outside are read from. */
export interface OutboundEnvironment {
  readonly NODE_ENV: string;
  readonly OUTBOUND_ALLOW_PRIVATE: AllowPrivate | undefined;
}

/** What holds when nothing is said, too. */
export const allowPrivateOf = (env: OutboundEnvironment): AllowPrivate =>
  env.OUTBOUND_ALLOW_PRIVATE ?? env.NODE_ENV !== "production";

/** Rules: none of these variables names an address that may not be called. */
export const publicAddresses = <N extends string>(...names: readonly N[]) =>
  names.map((name) => (env: OutboundEnvironment & Readonly<Record<N, string | undefined>>) => {
    const value = env[name];
    return value !== undefined && isRefused(value, allowPrivateOf(env))
      ? `${name}: ${JSON.stringify(new URL(value).origin)} is a private address; expected a public one, or its host in OUTBOUND_ALLOW_PRIVATE`
      : undefined;
  });

function parse(given: string): AllowPrivate {
  const text = given.trim();
  if (text === "true" || text === "false") return text === "true";
  return text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
}

function isUsable(given: AllowPrivate): boolean {
  return typeof given === "boolean" || (given.length > 0 && given.every(isHostOrNetwork));
}
