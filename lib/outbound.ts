import { lookup, type LookupAddress, type LookupOptions } from "node:dns";
import { BlockList, isIP, isIPv6, type LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";

/** Whether calls may go to private addresses: all, none, or those of these host names, addresses and networks (CIDR). */
export type AllowPrivate = boolean | readonly string[];

/** Resolves a name to all of its addresses. */
export type Resolve = (
  name: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Options of undici's agent, and which private addresses may be called. */
export interface OutboundOptions extends Omit<Agent.Options, "connect"> {
  /** Left out: all. */
  allowPrivate?: AllowPrivate | undefined;
  /** Default: the resolver of the system. */
  resolve?: Resolve;
}

/** The address is not public, and is not among those that are allowed. The message names neither host nor address. */
class PrivateAddressError extends Error {
  readonly code = "PRIVATE_ADDRESS";
  /** For logs. */
  readonly host: string;
  readonly address: string;

  constructor(host: string, address: string) {
    super("calls to a private address are not allowed here; see OUTBOUND_ALLOW_PRIVATE");
    this.name = "PrivateAddressError";
    this.host = host;
    this.address = address;
  }
}

/** What is not reachable over the public internet, after the special-purpose registries of IANA (RFC 6890). */
const PRIVATE_IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;
/** Unspecified and loopback, unique local, link-local, multicast; and 6to4 and Teredo, which wrap IPv4 addresses. */
const PRIVATE_IPV6 = [
  ["::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
  ["2001::", 32],
] as const;
/** RFC 6052: the last 32 bits are an IPv4 address that a translator calls. */
const TRANSLATED = "64:ff9b::";
const TRANSLATED_BITS = 96;
/** With a letter somewhere: digits and dots alone would be an address. */
const HOST_NAME = /^(?=.*[a-z])\w([\w.-]*\w)?$/i;
const CONNECT_WITHIN_MS = 10_000;

/**
 * Connections to public addresses, and to the private ones that are allowed. What counts is the address connected
 * to, so a name that comes to resolve to a private address (DNS rebinding) is refused too.
 *
 * @returns an agent whose calls fail with PrivateAddressError; it follows no redirects
 */
export function createOutboundAgent(options: OutboundOptions): Agent {
  const { allowPrivate = true, resolve = lookup, connectTimeout, ...rest } = options;
  const refusal = createGuard(allowPrivate);
  const connect = buildConnector({
    timeout: connectTimeout ?? CONNECT_WITHIN_MS,
    lookup: guardedLookup(resolve, refusal),
  });
  return new Agent({
    ...rest,
    connect: (target, callback) => {
      // The address of a host that is one itself is never looked up.
      const host = bareHost(target.hostname);
      const error = isIP(host) ? refusal(host, host) : undefined;
      if (error) callback(error, null);
      else connect(target, callback);
    },
  });
}

/** True when the URL names a private address, or `localhost`, that is not allowed; other names have to be resolved. */
export function isRefused(url: string, allowPrivate: AllowPrivate): boolean {
  const host = bareHost(new URL(url).hostname);
  const address = /(^|\.)localhost$/.test(host) ? "127.0.0.1" : host;
  return isIP(address) !== 0 && createGuard(allowPrivate)(host, address) !== undefined;
}

/** True for a host name, an address, or a network like 10.0.0.0/8. */
export function isHostOrNetwork(text: string): boolean {
  const [address = "", bits, ...more] = text.split("/");
  const family = isIP(address);
  if (bits === undefined) return family !== 0 || HOST_NAME.test(text);
  return (
    family !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
  );
}

type Refusal = (host: string, address: string) => PrivateAddressError | undefined;

function createGuard(allowPrivate: AllowPrivate): Refusal {
  if (allowPrivate === true) return () => undefined;
  const isPrivate = privateAddresses();
  const { names, networks } = parsed(allowPrivate === false ? [] : allowPrivate);
  return (host, address) => {
    const isAllowed =
      !isPrivate.check(address, familyOf(address)) ||
      names.has(bareHost(host)) ||
      networks.check(address, familyOf(address));
    return isAllowed ? undefined : new PrivateAddressError(host, address);
  };
}

function privateAddresses(): BlockList {
  const list = new BlockList();
  for (const [net, bits] of PRIVATE_IPV4) {
    list.addSubnet(net, bits, "ipv4");
    list.addSubnet(`${TRANSLATED}${net}`, TRANSLATED_BITS + bits, "ipv6");
  }
  for (const [net, bits] of PRIVATE_IPV6) list.addSubnet(net, bits, "ipv6");
  return list;
}

function parsed(allowed: readonly string[]): { names: ReadonlySet<string>; networks: BlockList } {
  const networks = new BlockList();
  const names = new Set<string>();
  for (const entry of allowed) {
    const [address = "", bits] = entry.split("/");
    if (isIP(address) === 0) names.add(bareHost(entry));
    else if (bits === undefined) networks.addAddress(address, familyOf(address));
    else networks.addSubnet(address, Number(bits), familyOf(address));
  }
  return { names, networks };
}

const guardedLookup =
  (resolve: Resolve, refusal: Refusal): LookupFunction =>
  (name, options, callback) =>
    resolve(name, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      const refused = error ?? addresses.map(({ address }) => refusal(name, address)).find(Boolean);
      if (refused || !first) callback(refused ?? new Error("The name has no address"), "", 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });

const familyOf = (address: string) => (isIPv6(address) ? "ipv6" : "ipv4");

/** Without the brackets of IPv6 and the dot at the end of a full name. */
const bareHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, "");
