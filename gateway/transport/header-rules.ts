import type { IncomingHttpHeaders } from "node:http";
import { z } from "zod";
import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { DEADLINE_HEADER } from "../../lib/deadline.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { PluginFetch, PluginHeaders } from "../extensions/plugin.ts";
import { GATEWAY_SECRET_HEADER, IDENTITY_HEADER } from "../../lib/subgraph-server.ts";

/** Headers that belong to one connection or one body, and are therefore not passed on. */
const HOP_BY_HOP = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What the gateway says of itself; nobody else may say it in its name. */
const INTERNAL = new Set([GATEWAY_SECRET_HEADER, IDENTITY_HEADER, DEADLINE_HEADER, CORRELATION_HEADER]);

const isReserved = (name: string) =>
  HOP_BY_HOP.has(name) || INTERNAL.has(name) || name.startsWith("sec-websocket-");

const anyName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]{1,128}$/, "expected the name of a header")
  .toLowerCase();
const ownName = anyName.refine((name) => !isReserved(name), {
  message: "this header belongs to the connection or to the gateway; expected another one",
});

/** Claims that a rule may pass on; lists are joined with commas. */
const CLAIMS = ["subject", "role", "tenant", "scopes", "departments"] as const;
type Claim = (typeof CLAIMS)[number];

export const headerRuleSchema = z.union([
  z.strictObject({ forward: ownName, as: ownName.optional(), default: z.string().max(4_096).optional() }),
  z.strictObject({ set: ownName, value: z.string().max(4_096) }),
  z.strictObject({ set: ownName, claim: z.enum(CLAIMS) }),
  z.strictObject({ remove: anyName }),
]);

export type HeaderRule = z.infer<typeof headerRuleSchema>;

/** The headers of the rules for a caller, and which of the gateway's own are left out. */
interface RuledHeaders {
  added: Readonly<Record<string, string>>;
  /** The same as text: equal for callers whom the subgraph cannot tell apart by it. */
  key: string;
}

export interface SubgraphHeaders {
  /** Undefined where no rule adds anything, so that nothing has to be made for a call. */
  ruledFor: ((caller: Caller) => RuledHeaders) | undefined;
  isRemoved: (name: string) => boolean;
}

/** What rules make of a caller, for one subgraph; the later rule wins, and then comes what plugins change. */
export function createSubgraphHeaders(
  rules: readonly HeaderRule[],
  { subgraph, onFetch }: { subgraph: string; onFetch: ((fetch: PluginFetch) => void) | undefined },
): SubgraphHeaders {
  const removed = new Set(rules.flatMap((rule) => ("remove" in rule ? [rule.remove] : [])));
  const isRemoved = (name: string) => removed.has(name);
  if (!onFetch && rules.every((rule) => "remove" in rule)) return { ruledFor: undefined, isRemoved };
  const known = new WeakMap<Caller, RuledHeaders>();
  const ruledFor = (caller: Caller): RuledHeaders => {
    const added: Record<string, string> = {};
    for (const rule of rules) apply(rule, caller, added);
    const { identity, clientHeaders, correlationId } = caller;
    onFetch?.({ subgraph, identity, clientHeaders, correlationId, headers: changeable(added) });
    const ruled = { added, key: JSON.stringify(added) };
    known.set(caller, ruled);
    return ruled;
  };
  return { isRemoved, ruledFor: (caller) => known.get(caller) ?? ruledFor(caller) };
}

const changeable = (headers: Record<string, string>): PluginHeaders => ({
  get: (name) => headers[name.toLowerCase()],
  set: (name, value) => {
    const parsed = ownName.safeParse(name);
    if (!parsed.success || !/^[\t\x20-\x7e]{0,8192}$/.test(value))
      throw new Error(`A plugin may not set the header ${JSON.stringify(name.slice(0, 80))} to that`);
    headers[parsed.data] = value;
  },
  delete: (name) => {
    delete headers[name.toLowerCase()];
  },
});

function apply(rule: HeaderRule, caller: Caller, added: Record<string, string>): void {
  if ("remove" in rule) {
    delete added[rule.remove];
  } else if ("forward" in rule) {
    const value = caller.clientHeaders?.[rule.forward] ?? rule.default;
    if (value !== undefined) added[rule.as ?? rule.forward] = value;
  } else {
    added[rule.set] = "claim" in rule ? claimOf(caller.identity, rule.claim) : rule.value;
  }
}

/** A claim as header text: whatever a header cannot carry is percent-encoded. */
function claimOf(identity: Identity, claim: Claim): string {
  const value = identity[claim];
  const text = typeof value === "string" ? value : value.join(",");
  return text.replaceAll(/[^\x20-\x7e]|%/gu, encodeURIComponent);
}

/** What rules read of clients, and therefore has to be kept of their requests. */
export interface ClientHeaders {
  /** The headers that some rule forwards, by name. */
  names: readonly string[];
  /**
   * The headers that some rule forwards; undefined where there is no such rule. `authorization` is what came in its
   * place where there are no headers, as in `connection_init`.
   */
  of: (headers: IncomingHttpHeaders, authorization?: unknown) => Readonly<Record<string, string>> | undefined;
  /** Some rule passes on who the caller is: nothing may be shared between subjects then. */
  tellSubject: boolean;
}

export function createClientHeaders(rules: readonly HeaderRule[]): ClientHeaders {
  const names = [...new Set(rules.flatMap((rule) => ("forward" in rule ? [rule.forward] : [])))].sort();
  const tellSubject = rules.some((rule) => "claim" in rule && rule.claim === "subject");
  if (names.length === 0) return { names, of: () => undefined, tellSubject };
  return {
    names,
    tellSubject,
    of: (headers, authorization) => {
      const kept: Record<string, string> = {};
      for (const name of names) {
        const said =
          name === "authorization" && typeof authorization === "string" ? authorization : undefined;
        const value = said ?? headers[name];
        if (value !== undefined) kept[name] = Array.isArray(value) ? value.join(", ") : value;
      }
      return kept;
    },
  };
}
