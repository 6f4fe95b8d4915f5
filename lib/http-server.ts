import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import fastify, { type FastifyHttpOptions, type FastifyInstance } from "fastify";
import { collectDefaultMetrics, Registry } from "prom-client";
import { CORRELATION_HEADER, correlationIdFrom } from "./correlation.ts";
import { systemCodeOf } from "./errors.ts";
import { clientErrorHandler, problemHandler, sendProblem, type ServerLimit } from "./http-problems.ts";
import type { Log } from "./log.ts";

/** What `/readyz` reports: each dependency by name, null when it is fine, else why not. */
type Readiness = Record<string, string | null>;

/** How a server is: what it cannot do without, and what it can. */
export interface Health {
  needed: Readiness;
  wanted: Readiness;
}

/** Where to listen. */
export interface Address {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** What the port is set with; default `PORT`. */
  variable?: string;
}

/** A server that has its routes for health and metrics already. */
export interface HttpServer {
  app: FastifyInstance;
  metrics: Registry;
  /**
   * Listens and returns the base URL, like `http://127.0.0.1:4000`.
   *
   * @throws Error that names the variable to change when the port is not to be had
   */
  listen(address: Address): Promise<string>;
  /** Gets ready for connections that another process accepts; returns what takes each. */
  serve(): Promise<(socket: Socket) => void>;
  health(): Promise<Health>;
  /** Refuses new work, lets running requests finish, closes. */
  close(): Promise<void>;
}

/** What a server says of its health, and its bounds. */
export interface HttpServerOptions {
  log: Log;
  /** Largest request body in bytes. */
  bodyLimitBytes?: number;
  /** Longest time for the head of a request, in milliseconds; all of it may take half as long again. */
  headersTimeoutMs?: number;
  /** Largest head of a request in bytes. */
  headersLimitBytes?: number;
  /** Told of every request that exceeds one of these. */
  onLimit?: (limit: ServerLimit) => void;
  /** Is shown every request first; true when it answers it, and then no route sees it. */
  front?: (request: IncomingMessage, response: ServerResponse) => boolean;
  readiness?: () => Promise<Readiness>;
  /** What works less well than it should, in the same form; it is said, and the server stays ready. */
  degradation?: () => Promise<Readiness>;
  /** What `/readyz` and `/metrics` say where several processes serve one port: all of them together. */
  together?: { health(): Promise<Health>; metrics(): Promise<string> } | undefined;
}

const ONE_MEBIBYTE = 1_048_576;
/** A name of 256 characters, each of three bytes that are written as %XX. */
const LONGEST_PARAMETER = 256 * 3 * 3;
/** Together with the time between two checks: half of the 20 s after which a slow head is an attack. */
const HEADERS_TIMEOUT_MS = 10_000;
const HEADERS_LIMIT_BYTES = 16_384;
/** How often the event loop's delay is sampled: the usual 10 ms wake an idle process a hundred times a second. */
const LAG_SAMPLING_MS = 100;
const CLOSING_POLL_MS = 20;

/** Connections that the kernel keeps until they are accepted: one that finds no room tries again after a second, and then after three. */
export const BACKLOG = 4_096;

/** An HTTP server with correlation ids, health, metrics, problem+json errors and a drain. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { headersTimeoutMs = HEADERS_TIMEOUT_MS, bodyLimitBytes = ONE_MEBIBYTE, log } = options;
  const { onLimit = () => {}, front } = options;
  const handleProblem = problemHandler({ log, bodyLimitBytes, onLimit });
  const app: FastifyInstance = fastify({
    ...(front && { serverFactory: serverBehind(front) }),
    bodyLimit: bodyLimitBytes,
    forceCloseConnections: "idle",
    clientErrorHandler: clientErrorHandler(onLimit),
    frameworkErrors: (error, request, reply) => void handleProblem(error, request, reply),
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    requestTimeout: headersTimeoutMs * 1.5,
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    genReqId: (request) => correlationIdFrom(request.headers[CORRELATION_HEADER]),
    http: {
      headersTimeout: headersTimeoutMs,
      maxHeaderSize: options.headersLimitBytes ?? HEADERS_LIMIT_BYTES,
      connectionsCheckingInterval: Math.min(headersTimeoutMs / 2, 5_000),
    },
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header(CORRELATION_HEADER, request.id);
  });
  app.setErrorHandler(handleProblem);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      status: 404,
      code: "NOT_FOUND",
      detail: `${request.method} ${request.url.split("?")[0]} is not served here`,
    }),
  );
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: LAG_SAMPLING_MS });
  const { readiness = async () => ({}), degradation = async () => ({}) } = options;
  const health = async () => {
    const [needed, wanted] = await Promise.all([readiness(), degradation()]);
    return { needed, wanted };
  };
  addHealthRoutes(app, options.together ?? { health, metrics: () => metrics.metrics() }, metrics.contentType);
  return {
    app,
    metrics,
    listen: async (address) => {
      try {
        return await app.listen({ host: address.host, port: address.port, backlog: BACKLOG });
      } catch (error) {
        throw unusableAddress(error, address);
      }
    },
    serve: () => serveWith(app),
    health,
    close: closingWith(app),
  };
}

async function serveWith(app: FastifyInstance): Promise<(socket: Socket) => void> {
  await app.ready();
  // What a server begins when it listens: the watch over slow heads.
  app.server.emit("listening");
  return (socket) => {
    socket.allowHalfOpen = true;
    app.server.emit("connection", socket);
    socket.resume();
  };
}

type ServerFactory = NonNullable<FastifyHttpOptions<Server>["serverFactory"]>;

/** The server that Fastify would make, with a handler that sees each request first. */
const serverBehind =
  (front: NonNullable<HttpServerOptions["front"]>): ServerFactory =>
  (handler, options) => {
    const { http, keepAliveTimeout, requestTimeout } = options as FastifyHttpOptions<Server>;
    const server = createServer(http ?? {}, (request, response) => {
      if (!front(request, response)) handler(request, response);
    });
    return Object.assign(server, { keepAliveTimeout, requestTimeout });
  };

/**
 * Closes the server. Node takes a connection over which nothing has been said yet for a busy one and would wait for
 * it for good, so those are cut.
 */
function closingWith(app: FastifyInstance): () => Promise<void> {
  const connections = new Set<Socket>();
  let isClosing = false;
  app.server.on("connection", (socket: Socket) => {
    if (isClosing) socket.destroy();
    else connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return async () => {
    isClosing = true;
    const { listening } = app.server;
    const closed = app.close();
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy();
    await closed;
    // A server that does not listen itself is closed without waiting for its connections.
    if (!listening) await lastLeft(app.server, connections);
  };
}

async function lastLeft(server: Server, connections: ReadonlySet<Socket>): Promise<void> {
  while (connections.size > 0) {
    server.closeIdleConnections();
    await sleep(CLOSING_POLL_MS);
  }
}

/** What to do about an address that cannot be listened on; any other error stays as it is. */
export function unusableAddress(cause: unknown, { host, port, variable = "PORT" }: Address): unknown {
  const code = systemCodeOf(cause);
  if (code === "EADDRINUSE") {
    const otherwise = `stop it, or set ${variable} to another port (0 picks a free one)`;
    return new Error(`Port ${port} on ${host} is taken by another program: ${otherwise}`, { cause });
  }
  if (code === "EACCES")
    return new Error(`Port ${port} may not be used by this user: set ${variable} to one above 1023`, {
      cause,
    });
  return cause;
}

function addHealthRoutes(
  app: FastifyInstance,
  sources: NonNullable<HttpServerOptions["together"]>,
  contentType: string,
): void {
  app.get("/livez", async () => ({ status: "ok" }));
  app.get("/readyz", async (_request, reply) => {
    const { needed, wanted } = await sources.health();
    const isFine = (checks: Readiness) => Object.values(checks).every((problem) => problem === null);
    const status = isFine(needed) ? (isFine(wanted) ? "ok" : "degraded") : "not ready";
    const checks = { ...needed, ...wanted };
    return reply.code(isFine(needed) ? 200 : 503).send({ status, checks });
  });
  app.get("/metrics", async (_request, reply) => reply.type(contentType).send(await sources.metrics()));
}
