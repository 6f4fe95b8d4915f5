import { isIPv6 } from "node:net";
import type { Identity } from "../../lib/identity.ts";

/** Whom limits count by: the subject, or the address of those who have no name. */
export const limitKey = ({ subject, tenant }: Identity, address: string): string =>
  subject === "anonymous" ? addressKey(address) : `${tenant} ${subject}`;

/** One client owns a whole /64 of IPv6, so single addresses of it would not limit anybody. */
export const addressKey = (address: string): string =>
  `address ${isIPv6(address) ? network(address) : address}`;

function network(address: string): string {
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros =
    tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
