import { BlockList, isIP } from "node:net";
import { fileURLToPath } from "node:url";
import { choice, integer, list, optionalUrl, type Environment, text, type Rule } from "../../lib/env.ts";
import type { DocumentLimits } from "./document-limits.ts";

const most = (what: string, spec: { min?: number; max: number; fallback: number }) =>
  integer({ min: spec.min ?? 1, max: spec.max, fallback: spec.fallback, description: `Most ${what}` });

/** Every limit on what a caller may ask, whichever way the question comes. */
export const limitVariables = {
  RATE_LIMIT_PER_SECOND: most("operations of one identity in a second, on average; 0 for no limit.", {
    min: 0,
    max: 1_000_000,
    fallback: 2_000,
  }),
  RATE_LIMIT_BURST: most("operations of one identity at once, after a quiet time.", {
    max: 10_000_000,
    fallback: 20_000,
  }),
  DEPTH_MAX: most("levels of nesting of an operation.", { max: 1_000, fallback: 20 }),
  ALIASES_MAX: most("fields of an operation that are renamed.", { max: 100_000, fallback: 100 }),
  ROOT_FIELDS_MAX: most("fields at the root of an operation.", { max: 100_000, fallback: 100 }),
  DIRECTIVES_MAX: most("directives of an operation.", { max: 100_000, fallback: 100 }),
  FIELDS_MAX: most("fields of an operation, after its fragments are expanded.", {
    max: 1_000_000,
    fallback: 2_000,
  }),
  TOKENS_MAX: most("lexical tokens of a document.", { max: 1_000_000, fallback: 10_000 }),
  COST_MAX: most("that an operation may cost by @cost, @listSize and its list arguments.", {
    max: 1_000_000_000,
    fallback: 20_000,
  }),
  COST_LIST_SIZE: integer({
    min: 0,
    max: 10_000,
    fallback: 10,
    description: "Items of a list, for its cost, where neither the schema nor an argument says how many.",
  }),
  BODY_LIMIT_BYTES: most("bytes of a request's body.", {
    min: 1_024,
    max: 67_108_864,
    fallback: 1_048_576,
  }),
  HEADERS_LIMIT_BYTES: most("bytes of a request's head.", { min: 4_096, max: 1_048_576, fallback: 16_384 }),
  HEADERS_TIMEOUT_MS: integer({
    min: 100,
    max: 60_000,
    fallback: 10_000,
    description:
      "Longest time that a client may take for the head of a request; all of it may take half as long again.",
  }),
  CONNECTIONS_MAX: most("open connections, sockets included.", { max: 1_000_000, fallback: 40_000 }),
  CONNECTIONS_PER_ADDRESS: most("open connections of one address that is no trusted proxy.", {
    max: 1_000_000,
    fallback: 16_000,
  }),
  PLANNING_MAX_WAITING: most("new documents of one identity that wait to be read and planned.", {
    max: 1_000_000,
    fallback: 5_000,
  }),
  PIPELINED_MAX: most("requests that wait on a connection for the answers before theirs.", {
    max: 10_000,
    fallback: 64,
  }),
  BODIES_MAX_BYTES: most("bytes of the bodies of all requests that are being answered.", {
    min: 1_024,
    max: 17_179_869_184,
    fallback: 134_217_728,
  }),
  BODIES_PER_ADDRESS_BYTES: most("of these bytes from one address that is no trusted proxy.", {
    min: 1_024,
    max: 17_179_869_184,
    fallback: 67_108_864,
  }),
  WAITING_BYTES_MAX: most("bytes that wait for clients which do not read, of all connections together.", {
    min: 1_048_576,
    max: 17_179_869_184,
    fallback: 134_217_728,
  }),
  WAITING_BYTES_PER_CONNECTION: most(
    "bytes that may wait for the client of one connection before it is sent something else.",
    { min: 1_024, max: 1_073_741_824, fallback: 4_194_304 },
  ),
  WAITING_BYTES_BEFORE_INIT: most(
    "bytes that a socket may hold here, sent or received, before it has said who it is.",
    { min: 1_024, max: 1_048_576, fallback: 16_384 },
  ),
  TRUSTED_DOCUMENTS: choice({
    of: ["off", "prefer", "require"],
    fallback: "prefer",
    description:
      "Documents of our own clients: `prefer` counts the others, `require` refuses them, on every transport.",
  }),
  TRUSTED_DOCUMENTS_FILE: text({
    fallback: fileURLToPath(new URL("../../schema/generated/trusted-documents.json", import.meta.url)),
    description:
      "Trusted documents as `npm run codegen`, GraphQL Code Generator's client preset, Relay's compiler or Apollo's manifest tool write them.",
  }),
  REDIS_URL: optionalUrl({
    schemes: ["redis", "rediss"],
    secret: true,
    description: "Redis through which replicas share the rate limit; without it each limits by itself.",
  }),
  TRUSTED_PROXIES: list({
    fallback: "",
    description:
      "Addresses or CIDR ranges of the proxies whose X-Forwarded-For is believed; without them it is ignored.",
  }),
};

/** How much one identity may ask. */
export interface RateSettings {
  /** 0 for no limit. */
  perSecond: number;
  burst: number;
}

/** How many connections may be open. */
interface ConnectionSettings {
  perAddress: number;
  total: number;
}

/** How much may wait for clients that do not read, in bytes. */
export interface WaitingSettings {
  perConnection: number;
  total: number;
  /** Of a socket that has not said who it is. */
  beforeInit: number;
}

export interface LimitSettings {
  rate: RateSettings;
  document: DocumentLimits & { tokens: number };
  cost: {
    max: number;
    /** Items of a list about which nothing is said. */
    listSize: number;
  };
  bodyBytes: number;
  headersBytes: number;
  headersTimeoutMs: number;
  connections: ConnectionSettings;
  /** New documents of one identity that wait to be planned. */
  planning: number;
  /** Requests that wait on a connection for those before them. */
  pipelined: number;
  /** Bytes of bodies of requests that are being answered. */
  bodies: { perAddress: number; total: number };
  waiting: WaitingSettings;
  trust: {
    mode: "off" | "prefer" | "require";
    /** JSON object, text by id. */
    file: string;
  };
  redisUrl: string | undefined;
  trustedProxies: readonly string[];
}

type LimitEnvironment = Environment<typeof limitVariables>;

export const limitSettings = (env: LimitEnvironment): LimitSettings => ({
  rate: { perSecond: env.RATE_LIMIT_PER_SECOND, burst: env.RATE_LIMIT_BURST },
  document: {
    depth: env.DEPTH_MAX,
    aliases: env.ALIASES_MAX,
    rootFields: env.ROOT_FIELDS_MAX,
    directives: env.DIRECTIVES_MAX,
    fields: env.FIELDS_MAX,
    tokens: env.TOKENS_MAX,
  },
  cost: { max: env.COST_MAX, listSize: env.COST_LIST_SIZE },
  bodyBytes: env.BODY_LIMIT_BYTES,
  headersBytes: env.HEADERS_LIMIT_BYTES,
  headersTimeoutMs: env.HEADERS_TIMEOUT_MS,
  connections: { perAddress: env.CONNECTIONS_PER_ADDRESS, total: env.CONNECTIONS_MAX },
  planning: env.PLANNING_MAX_WAITING,
  pipelined: env.PIPELINED_MAX,
  bodies: { perAddress: env.BODIES_PER_ADDRESS_BYTES, total: env.BODIES_MAX_BYTES },
  waiting: {
    perConnection: env.WAITING_BYTES_PER_CONNECTION,
    total: env.WAITING_BYTES_MAX,
    beforeInit: env.WAITING_BYTES_BEFORE_INIT,
  },
  trust: { mode: env.TRUSTED_DOCUMENTS, file: env.TRUSTED_DOCUMENTS_FILE },
  redisUrl: env.REDIS_URL,
  trustedProxies: env.TRUSTED_PROXIES,
});

export const limitRules: readonly Rule<typeof limitVariables>[] = [
  ({ TRUSTED_PROXIES }) => {
    const bad = TRUSTED_PROXIES.find((range) => !addRange(new BlockList(), range));
    return bad === undefined
      ? undefined
      : `TRUSTED_PROXIES: ${JSON.stringify(bad)} is not allowed; expected an address or a range like 10.0.0.0/8`;
  },
];

/** Adds an address or a CIDR range; false when it is neither. */
export function addRange(to: BlockList, range: string): boolean {
  const [address = "", prefix, ...rest] = range.split("/");
  const version = isIP(address);
  const bits = Number(prefix ?? (version === 4 ? 32 : 128));
  const isUsable = version !== 0 && rest.length === 0 && Number.isInteger(bits) && bits >= 0;
  if (!isUsable || bits > (version === 4 ? 32 : 128)) return false;
  to.addSubnet(address, bits, version === 4 ? "ipv4" : "ipv6");
  return true;
}
