import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Readable } from "node:stream";
import type { Registry } from "prom-client";
import { answerWithProblem, endWithProblem } from "../../lib/http-problems.ts";
import type { LimitSettings } from "./config.ts";
import { createProxies, plainAddress } from "./client-address.ts";
import { addressKey } from "./limit-key.ts";
import type { HeldLimit } from "../errors/limit-names.ts";
import type { Limits } from "./limits.ts";
import type { Peers } from "./peers.ts";
import { createQuota, type Quota } from "./quotas.ts";
import { createWaitingBytes } from "./waiting-bytes.ts";

export interface ConnectionGuardDependencies {
  limits: Pick<Limits, "tooMany" | "exceeded">;
  metrics: Registry;
  peers?: Pick<Peers, "held"> | undefined;
}

/**
 * Bounds what connections may cost before anybody knows what they are for: how many there are, of one address and of
 * everybody; what waits for those who do not read; requests that are sent before the one before is answered; the bodies
 * of all requests together. Trusted proxies speak for many, so only the totals hold for them.
 */
export function guardConnections(
  server: Server,
  settings: Pick<LimitSettings, "connections" | "bodies" | "waiting" | "pipelined" | "trustedProxies">,
  { limits, metrics, peers }: ConnectionGuardDependencies,
): void {
  const { connections, bodies } = settings;
  const watch = createWaitingBytes(settings.waiting, metrics, (limit) => limits.exceeded(limit));
  const quota = createQuota({
    each: { limit: "connectionsPerAddress", most: connections.perAddress },
    all: { limit: "connections", most: connections.total },
    elsewhere: peers?.held,
  });
  const bodyBytes = createQuota({
    each: { limit: "bodiesPerAddress", most: bodies.perAddress },
    all: { limit: "bodies", most: bodies.total },
  });
  const isProxy = createProxies(settings.trustedProxies);
  const lines = new WeakMap<Socket, Line>();
  let proxied = 0;
  const refuse = (socket: Socket, limit: HeldLimit) => {
    const { code, message: detail } = limits.tooMany(limit);
    endWithProblem(socket, { status: limit.includes("Per") ? 429 : 503, code, detail, limit });
  };
  const count = createBodyCount(bodyBytes, refuse);

  server.on("connection", (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? "unknown");
    // Each connection of a proxy counts for itself, so that only the total limits it.
    const key = isProxy(address) ? `proxied ${(proxied += 1)}` : addressKey(address);
    const line = lineOf(key);
    lines.set(socket, line);
    socket.once("close", () => line.waiting.forEach(count.give));
    const exceeded = quota.take(key);
    if (exceeded !== undefined) return refuse(socket, exceeded);
    watch(socket);
    socket.once("close", () => quota.give(key));
  });

  const [answer] = server.listeners("request") as RequestListener[];
  server.removeAllListeners("request");
  const take = oneAfterTheOther({
    answer: (request, response) => answer?.(request, response),
    most: settings.pipelined,
    refuse: (_request, response) => {
      const { code, message: detail } = limits.tooMany("pipelined");
      answerWithProblem(response, { status: 429, code, detail, limit: "pipelined" });
    },
    onAnswered: count.give,
  });
  server.on("request", (request: Taken, response: Turn["response"]) => {
    const line = lines.get(request.socket) ?? lineOf("");
    const turn: Turn = { request, response, line, bodyBytes: 0, isTooMany: false };
    request[TURN] = turn;
    count.watch(request);
    take(turn);
  });
}

/** A connection: whom what comes over it counts for, and the requests that wait for the answers before theirs. */
interface Line {
  key: string;
  isBusy: boolean;
  waiting: Turn[];
}

/** One request over a connection. */
interface Turn {
  request: Taken;
  response: ServerResponse & { req: IncomingMessage };
  line: Line;
  /** Bytes of its body that are counted. */
  bodyBytes: number;
  /** Whether it is refused when it is its turn. */
  isTooMany: boolean;
}

/**
 * Where a request holds its turn. Functions made for each request would end up among V8's old objects and keep all of the
 * request alive there: a third more CPU for the smallest operation, most of it garbage collection (`bench/RESULTS.md`).
 */
const TURN = Symbol("turn");
type Taken = IncomingMessage & { [TURN]?: Turn | undefined };

const lineOf = (key: string): Line => ({ key, isBusy: false, waiting: [] });

interface Turns {
  answer: RequestListener;
  most: number;
  refuse: RequestListener;
  onAnswered: (turn: Turn) => void;
}

/**
 * Answers the requests of a connection one after the other. Answers would have to wait for those before them anyway, and
 * whoever sends a thousand requests at once does not get a thousand answers computed: the first one too many is refused
 * when it is its turn, and nothing is read after it.
 */
function oneAfterTheOther({ answer, most, refuse, onAnswered }: Turns): (turn: Turn) => void {
  const begin = (turn: Turn) => {
    const { request, response, line, isTooMany } = turn;
    line.isBusy = true;
    response.on("close", answered);
    (isTooMany ? refuse : answer)(request, response);
  };
  function answered(this: ServerResponse) {
    const turn = (this.req as Taken)[TURN];
    if (!turn) return;
    onAnswered(turn);
    const { line } = turn;
    const next = line.waiting.shift();
    if (next && !next.request.socket.destroyed) begin(next);
    else line.isBusy = false;
  }
  return (turn) => {
    const { line, request } = turn;
    if (!line.isBusy) return begin(turn);
    // What has come in one piece with the one too many is not looked at.
    if (line.waiting.at(-1)?.isTooMany) return undefined;
    turn.isTooMany = line.waiting.length >= most;
    line.waiting.push(turn);
    if (turn.isTooMany) request.socket.pause();
    return undefined;
  };
}

/** Counts the bytes of bodies as they arrive, whoever reads them, until the request has been answered. */
function createBodyCount(held: Quota, exceeded: (socket: Socket, limit: HeldLimit) => void) {
  function push(this: Taken, chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const turn = this[TURN];
    if (chunk !== null && turn) {
      const limit = held.take(turn.line.key, chunk.length);
      if (limit !== undefined) {
        if (!this.destroyed) exceeded(this.socket, limit);
        return false;
      }
      turn.bodyBytes += chunk.length;
    }
    return Readable.prototype.push.call(this, chunk, encoding);
  }
  return {
    watch: (request: Taken) => {
      const { headers } = request;
      const hasBody = headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
      if (hasBody) request.push = push;
    },
    /** Gives back what a request holds; what of it still comes is not kept by anybody. */
    give: ({ request, line, bodyBytes }: Turn) => {
      request[TURN] = undefined;
      held.give(line.key, bodyBytes);
    },
  };
}
