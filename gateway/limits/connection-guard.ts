import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Registry } from "prom-client";
import { answerWithProblem, endWithProblem } from "../../lib/http-problems.ts";
import type { LimitSettings } from "./config.ts";
import { createProxies, plainAddress } from "./client-address.ts";
import { addressKey } from "./limit-key.ts";
import type { HeldLimit } from "../errors/limit-names.ts";
import type { Limits } from "./limits.ts";
import { createQuota } from "./quotas.ts";
import { createWaitingBytes } from "./waiting-bytes.ts";

export interface ConnectionGuardDependencies {
  limits: Pick<Limits, "tooMany" | "exceeded">;
  metrics: Registry;
}

/**
 * Bounds what connections may cost before anybody knows what they are for: how many there are, of one address and of
 * everybody; what waits for those who do not read; requests that are sent before the one before is answered; the bodies
 * of all requests together. Trusted proxies speak for many, so only the totals hold for them.
 */
export function guardConnections(
  server: Server,
  settings: Pick<LimitSettings, "connections" | "bodies" | "waiting" | "pipelined" | "trustedProxies">,
  { limits, metrics }: ConnectionGuardDependencies,
): void {
  const { connections, bodies } = settings;
  const watch = createWaitingBytes(settings.waiting, metrics, (limit) => limits.exceeded(limit));
  const quota = createQuota({
    each: { limit: "connectionsPerAddress", most: connections.perAddress },
    all: { limit: "connections", most: connections.total },
  });
  const bodyBytes = createQuota({
    each: { limit: "bodiesPerAddress", most: bodies.perAddress },
    all: { limit: "bodies", most: bodies.total },
  });
  const isProxy = createProxies(settings.trustedProxies);
  const keys = new WeakMap<Socket, string>();
  let proxied = 0;
  const refuse = (socket: Socket, limit: HeldLimit) => {
    const { code, message: detail } = limits.tooMany(limit);
    endWithProblem(socket, { status: limit.includes("Per") ? 429 : 503, code, detail, limit });
  };

  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? "unknown");
    // Each connection of a proxy counts for itself, so that only the total limits it.
    const key = isProxy(address) ? `proxied ${(proxied += 1)}` : addressKey(address);
    const exceeded = quota.take(key);
    if (exceeded !== undefined) return refuse(socket, exceeded);
    keys.set(socket, key);
    watch(socket);
    socket.once("close", () => quota.give(key));
  });

  const [answer] = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  const take = oneAfterTheOther(
    (request, response) => answer?.(request, response),
    settings.pipelined,
    (_request, response) => {
      const { code, message: detail } = limits.tooMany("pipelined");
      answerWithProblem(response, { status: 429, code, detail, limit: "pipelined" });
    },
  );
  server.on("request", (request, response) => {
    const key = keys.get(request.socket) ?? "";
    countBody(request, response, {
      take: (bytes) => bodyBytes.take(key, bytes),
      give: (bytes) => bodyBytes.give(key, bytes),
      exceeded: (limit) => refuse(request.socket, limit),
    });
    take(request, response);
  });
}

/**
 * Answers the requests of a connection one after the other. Answers would have to wait for those before them anyway, and
 * whoever sends a thousand requests at once does not get a thousand answers computed: the first one too many is refused
 * when it is its turn, and nothing is read after it.
 */
function oneAfterTheOther(answer: RequestListener, most: number, refuse: RequestListener): RequestListener {
  const queues = new WeakMap<Socket, Turn[]>();
  const begin = ({ request, response, listener }: Turn, waiting: Turn[]) => {
    response.once("close", () => {
      const next = waiting.shift();
      if (next && !request.socket.destroyed) begin(next, waiting);
      else queues.delete(request.socket);
    });
    listener(request, response);
  };
  return (request, response) => {
    const { socket } = request;
    const waiting = queues.get(socket);
    if (!waiting) {
      const later: Turn[] = [];
      queues.set(socket, later);
      begin({ request, response, listener: answer }, later);
      return;
    }
    // What has come in one piece with the one too many is not looked at.
    if (waiting.at(-1)?.listener === refuse) return;
    const isTooMany = waiting.length >= most;
    waiting.push({ request, response, listener: isTooMany ? refuse : answer });
    if (isTooMany) socket.pause();
  };
}

interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  listener: RequestListener;
}

interface BodyCount {
  take(bytes: number): HeldLimit | undefined;
  give(bytes: number): void;
  exceeded(limit: HeldLimit): void;
}

/** Counts the bytes of a body as they arrive, whoever reads it, until the request has been answered. */
function countBody(request: IncomingMessage, response: ServerResponse, count: BodyCount): void {
  const { headers } = request;
  if (headers["content-length"] === undefined && headers["transfer-encoding"] === undefined) return;
  let bytes = 0;
  const push = request.push.bind(request);
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding) => {
    if (chunk === null) return push(chunk, encoding);
    const limit = count.take(chunk.length);
    if (limit === undefined) {
      bytes += chunk.length;
      return push(chunk, encoding);
    }
    if (!request.destroyed) count.exceeded(limit);
    return false;
  };
  response.once("close", () => count.give(bytes));
}
