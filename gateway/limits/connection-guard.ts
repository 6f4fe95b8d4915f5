import type { Server } from "node:http";
import type { Socket } from "node:net";
import { endWithProblem } from "../../lib/http-problems.ts";
import type { ConnectionSettings } from "./config.ts";
import { createProxies, plainAddress } from "./client-address.ts";
import { addressKey } from "./limit-key.ts";
import type { Limits } from "./limits.ts";
import { createQuota } from "./quotas.ts";

/**
 * Bounds the connections of one address and of everybody, before a byte is read: a flood of silent ones would use up the
 * descriptors of the process. Trusted proxies speak for many, so only the total holds for them.
 */
export function guardConnections(
  server: Server,
  { perAddress, total, trustedProxies }: ConnectionSettings & { trustedProxies: readonly string[] },
  limits: Pick<Limits, "tooMany">,
): void {
  const quota = createQuota({
    each: { limit: "connectionsPerAddress", most: perAddress },
    all: { limit: "connections", most: total },
  });
  const isProxy = createProxies(trustedProxies);
  let proxied = 0;
  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? "unknown");
    // Each connection of a proxy counts for itself, so that only the total limits it.
    const key = isProxy(address) ? `proxied ${(proxied += 1)}` : addressKey(address);
    const exceeded = quota.take(key);
    if (exceeded === undefined) {
      socket.once("close", () => quota.give(key));
      return;
    }
    const { code, message: detail } = limits.tooMany(exceeded);
    endWithProblem(socket, { status: exceeded === "connections" ? 503 : 429, code, detail, limit: exceeded });
  });
}
