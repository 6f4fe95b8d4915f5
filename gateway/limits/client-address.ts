import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4 } from "node:net";
import { addRange } from "./config.ts";

/** Where a request comes from, as far as that can be believed. */
export type AddressOf = (request: Pick<IncomingMessage, "headers" | "socket">) => string;

/**
 * Anybody can write an X-Forwarded-For, so it is read from its end, and only for as long as the next hop is one of
 * the trusted proxies (addresses or CIDR ranges): the first address that is not is the client's.
 */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const isTrusted = createProxies(trustedProxies);
  return ({ headers, socket }) => {
    const peer = plainAddress(socket.remoteAddress ?? "unknown");
    if (trustedProxies.length === 0) return peer;
    const hops = String(headers["x-forwarded-for"] ?? "").split(",");
    let client = peer;
    while (isTrusted(client) && hops.length > 0) {
      const next = plainAddress(hops.pop()?.trim() ?? "");
      if (isIP(next) === 0) break;
      client = next;
    }
    return client;
  };
}

/** An IPv4 address that arrived over an IPv6 socket, in its own form. */
export const plainAddress = (address: string): string =>
  address.startsWith("::ffff:") ? address.slice(7) : address;

/** Whether an address is that of a trusted proxy. */
export function createProxies(trustedProxies: readonly string[]): (address: string) => boolean {
  const proxies = new BlockList();
  for (const range of trustedProxies) addRange(proxies, range);
  return (address) => isIP(address) !== 0 && proxies.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}
