import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket, WebSocketServer, type RawData } from "ws";
import { endWithProblem } from "../../lib/http-problems.ts";
import { eachInSteps } from "../../lib/in-steps.ts";
import { VERIFY_STEP_MS } from "../identity/identify.ts";
import { spread } from "../subscriptions/drain.ts";
import { addressKey } from "../limits/limit-key.ts";
import { waitingAccountOf } from "../limits/waiting-bytes.ts";
import type { AddressOf } from "../limits/client-address.ts";
import type { Quota } from "../limits/quotas.ts";
import type { SubscriptionMeter } from "../subscriptions/metrics.ts";
import { isOriginAllowed } from "../../lib/cross-origin.ts";
import { CLOSE } from "./close-codes.ts";
import { Connection, type ConnectionDependencies } from "./connection.ts";
import { createWire, type Wire } from "./wire.ts";

export interface SocketServerOptions extends ConnectionDependencies {
  path: string;
  allowedOrigins: readonly string[];
  addressOf: AddressOf;
  /** Sockets by address, from the moment that they want to be one. */
  socketsByAddress: Quota;
  /** Largest message in bytes. */
  messageLimitBytes: number;
  /** Bytes that may wait for a client, or be the beginning of a message of its, before it has said who it is. */
  beforeInitBytes: number;
  /** A client that is silent for longer is asked whether it is there, and dropped after as long again. */
  keepAliveMs: number;
  meter: SubscriptionMeter;
}

export interface SocketServer {
  /** Looks at every connection's time. */
  sweep(nowMs: number): void;
  /** Verifies every connection's token once more. */
  verifyAgain(): void;
  /** Closes so many with 1012, spread over `windowMs`, those first that answer nothing at the moment. */
  shed(count: number, windowMs: number): Promise<void>;
  /** Refuses new sockets and closes those there are with 1012, spread over `windowMs`. */
  drain(windowMs: number): Promise<void>;
}

interface Open {
  socket: WebSocket;
  connection: Connection;
  heardAtMs: number;
  isProbed: boolean;
}

const SUBPROTOCOL = "graphql-transport-ws";
/** How long a drained socket may finish a query or mutation. */
const FINISH_LIMIT_MS = 5_000;

/** Serves graphql-transport-ws on a path of an HTTP server. */
export function serveSockets(http: Server, options: SocketServerOptions): SocketServer {
  const open = new Set<Open>();
  let isDraining = false;
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: ExplainingSocket,
    maxPayload: options.messageLimitBytes,
    perMessageDeflate: false,
    clientTracking: false,
    autoPong: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const unwanted = isDraining ? RESTARTING : refusalOf(request, options);
    if (unwanted !== undefined || !(socket instanceof Socket))
      return endWithProblem(socket, unwanted ?? NO_SOCKET);
    const address = options.addressOf(request);
    const { socketsByAddress, admission } = options;
    const limit = socketsByAddress.take(addressKey(address));
    if (limit) {
      const { code, message: detail } = admission.tooMany(limit);
      return endWithProblem(socket, { status: limit === "sockets" ? 503 : 429, code, detail, limit });
    }
    if (socket.destroyed) return socketsByAddress.give(addressKey(address));
    const headers = options.clientHeaders.of(request.headers) ?? {};
    socket.once("close", () => socketsByAddress.give(addressKey(address)));
    server.handleUpgrade(request, socket, head, (accepted) =>
      accept(accepted, { raw: socket, address, headers }, { open, options }),
    );
  };
  http.on("upgrade", upgrade);

  return {
    sweep: (nowMs) => {
      for (const entry of open) {
        entry.connection.sweep(nowMs);
        probe(entry, nowMs, options.keepAliveMs);
      }
    },
    verifyAgain: () =>
      void eachInSteps([...open], ({ connection }) => void connection.verifyAgain(), VERIFY_STEP_MS),
    shed: (count, windowMs) => {
      const idle = [...open].filter(({ connection }) => !connection.isBusy);
      return spread(idle.slice(0, count), windowMs, ({ connection }) =>
        connection.end(CLOSE.restart, "drain"),
      );
    },
    drain: async (windowMs) => {
      isDraining = true;
      await spread([...open], windowMs, async ({ connection }) => {
        const givenUpAt = performance.now() + FINISH_LIMIT_MS;
        while (connection.isBusy && performance.now() < givenUpAt) await sleep(20);
        connection.end(CLOSE.restart, "drain");
      });
      await settled(open);
      http.off("upgrade", upgrade);
    },
  };
}

const RESTARTING = { status: 503, detail: "The gateway restarts; come back" };
const NO_SOCKET = { status: 400, code: "BAD_USER_INPUT", detail: "This connection cannot become a socket" };

/** What is wrong with an upgrade, whoever wants it. */
function refusalOf(request: IncomingMessage, { path, allowedOrigins }: SocketServerOptions) {
  if (request.url?.split("?")[0] !== path)
    return { status: 404, code: "NOT_FOUND", detail: "There are no sockets here" };
  if (isOriginAllowed(request.headers, allowedOrigins)) return undefined;
  return { status: 403, code: "FORBIDDEN", detail: "Pages of this origin may not open sockets here" };
}

/** Says why it closes where the library gives a code alone. */
class ExplainingSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason ?? (code === CLOSE.tooLarge.code ? CLOSE.tooLarge.reason : undefined));
  }
}

/** The library's codes for messages above `maxPayload`. */
const TOO_LARGE: ReadonlySet<unknown> = new Set([
  "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
  "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
]);

function accept(
  socket: WebSocket,
  { raw, ...client }: { raw: Socket } & Pick<Wire, "address" | "headers">,
  { open, options }: { open: Set<Open>; options: SocketServerOptions },
): void {
  const { clock, log, meter, admission } = options;
  socket.on("error", (error: Error & { code?: string }) => {
    if (TOO_LARGE.has(error.code)) admission.exceeded("message");
    log.debug({ problem: error.message }, "socket failed");
  });
  if (socket.protocol !== SUBPROTOCOL) {
    socket.close(CLOSE.subprotocol.code, CLOSE.subprotocol.reason);
    return;
  }
  const connection = new Connection(createWire(socket, raw, client), options);
  const entry: Open = { socket, connection, heardAtMs: clock.monotonicMs(), isProbed: false };
  open.add(entry);
  boundWaiting(entry, raw, options);
  meter.connections("websocket", 1);
  const heard = () => {
    entry.heardAtMs = clock.monotonicMs();
    entry.isProbed = false;
  };
  socket.on("pong", heard);
  socket.on("ping", (data) => {
    heard();
    if (connection.mayPing()) socket.pong(data);
  });
  readInTurns(socket, (data) => {
    heard();
    try {
      connection.received(textOf(data));
    } catch (err) {
      log.error({ err }, "a message broke its connection");
      connection.end(CLOSE.internal, "refused");
    }
  });
  socket.on("close", (code) => {
    open.delete(entry);
    meter.connections("websocket", -1);
    connection.closed(code);
  });
}

const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString("utf8");

/** Messages of one socket that may wait for their turn before nothing more is read from it. */
const MOST_UNREAD = 64;

/** Reads the messages that come at once one by one, so that others are served in between. */
function readInTurns(socket: WebSocket, receive: (data: RawData) => void): void {
  const unread: RawData[] = [];
  let isReading = false;
  const next = () => {
    const [data] = unread.splice(0, 1);
    isReading = data !== undefined;
    if (data === undefined) {
      if (socket.isPaused && socket.readyState === socket.OPEN) socket.resume();
      return;
    }
    receive(data);
    setImmediate(next);
  };
  socket.on("message", (data) => {
    unread.push(data);
    if (unread.length > MOST_UNREAD) socket.pause();
    if (!isReading) next();
  });
}

/** How long a client that is sent away may take to read why. */
const LAST_WORDS_MS = 1_000;

/**
 * Sends a client away for which too much waits. The beginnings of its messages count as well, and before it has said
 * who it is, next to nothing is kept.
 */
function boundWaiting(
  { socket, connection }: Open,
  raw: Socket,
  { beforeInitBytes }: SocketServerOptions,
): void {
  const account = waitingAccountOf(raw);
  account.bound({ limit: "waitingBytesBeforeInit", most: beforeInitBytes });
  account.onExceeded((limit) => {
    connection.end(CLOSE[limit], "slow");
    setTimeout(() => raw.destroy(), LAST_WORDS_MS).unref();
  });
  let [begun, counted, chunkBytes] = [0, 0, 0];
  const read = (data: RawData) => {
    const payloadBytes = Array.isArray(data) ? 0 : data.byteLength;
    const headerBytes = 6 + (payloadBytes > 65_535 ? 8 : payloadBytes > 125 ? 2 : 0);
    // What is left when a message ends has come with the same chunk.
    begun = Math.min(chunkBytes, Math.max(0, begun - payloadBytes - headerBytes));
  };
  raw.prependListener("data", (chunk: Buffer) => {
    chunkBytes = chunk.length;
    begun += chunkBytes;
  });
  for (const event of ["message", "ping", "pong"] as const) socket.on(event, read);
  raw.on("data", () => {
    account.hold(begun - counted);
    counted = begun;
  });
}

/** Asks a silent client whether it is there, and drops it when it did not answer. */
function probe(entry: Open, nowMs: number, keepAliveMs: number): void {
  if (entry.heardAtMs > nowMs - keepAliveMs) return;
  if (entry.isProbed) {
    entry.socket.terminate();
    return;
  }
  entry.isProbed = true;
  entry.heardAtMs = nowMs;
  if (entry.socket.readyState === entry.socket.OPEN) entry.socket.ping();
}

/** Waits for the clients to confirm, and drops those that do not. */
async function settled(open: ReadonlySet<Open>): Promise<void> {
  const givenUpAt = performance.now() + 1_000;
  while (open.size > 0 && performance.now() < givenUpAt) await sleep(10);
  for (const { socket } of open) socket.terminate();
}
