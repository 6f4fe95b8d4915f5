import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { GraphQLError } from "graphql";
import type { Clock } from "../../lib/clock.ts";
import { CodedError, isCodedError } from "../../lib/errors.ts";
import type { Identify } from "../../lib/identify.ts";
import type { Log } from "../../lib/log.ts";
import { toClientErrors } from "../errors.ts";
import type { AddressOf } from "../limits/client-address.ts";
import { sendRefusal } from "../send-refusal.ts";
import { spread } from "../subscriptions/drain.ts";
import type { SubscriptionMeter } from "../subscriptions/metrics.ts";
import type { Operations } from "../operation/operations.ts";
import { isOriginAllowed } from "../limits/origin.ts";
import { endOf, type Permits } from "../operation/permits.ts";
import { openSession } from "../operation/session.ts";
import { STREAM_FORMATS } from "./stream-format.ts";
import { HttpStream } from "./http-stream.ts";
import { streamKindOf, type HttpStreamKind } from "./negotiate.ts";
import type { ClientHeaders } from "../transport/header-rules.ts";
import { readStreamRequest } from "./read-request.ts";

export interface StreamServerOptions {
  path: string;
  operations: Operations;
  identify: Identify;
  addressOf: AddressOf;
  allowedOrigins: readonly string[];
  requireToken: boolean;
  clientHeaders: ClientHeaders;
  /** Something is written at least this often, so that nobody in between takes the stream for dead. */
  keepAliveMs: number;
  permits: Permits;
  meter: SubscriptionMeter;
  clock: Clock;
  log: Log;
}

export interface StreamServer {
  sweep(nowMs: number): void;
  verifyAgain(): void;
  /** Breaks all streams off, spread over `windowMs`; their clients come back somewhere else. */
  drain(windowMs: number): Promise<void>;
}

/** How long a drained stream may finish a query or mutation. */
const FINISH_LIMIT_MS = 5_000;

/** Answers requests that accept a stream, before Apollo Server sees them. */
export function serveStreams(app: FastifyInstance, options: StreamServerOptions): StreamServer {
  const open = new Set<HttpStream>();
  let beatenAtMs = options.clock.monotonicMs();
  let isDraining = false;

  app.addHook("preHandler", async (request, reply) => {
    if (request.url.split("?")[0] !== options.path) return undefined;
    const kind = streamKindOf(request.headers.accept);
    if (!kind || (request.method !== "POST" && request.method !== "GET")) return undefined;
    if (isDraining) return reply.code(503).header("retry-after", 1).send();
    return openStream({ request, reply, kind }, options, open).catch((error: unknown) =>
      refuse(reply, error, options.log),
    );
  });

  return {
    sweep: (nowMs) => {
      for (const stream of open) {
        const over = endOf(stream.session, nowMs, options.permits);
        if (over) stream.deny(over);
      }
      if (nowMs - beatenAtMs < options.keepAliveMs) return;
      beatenAtMs = nowMs;
      for (const stream of open) stream.heartbeat();
    },
    verifyAgain: () => {
      for (const stream of open) {
        options.identify(stream.session.authorization).catch((error: unknown) => {
          if (isCodedError(error)) stream.deny({ reason: "revoked", problem: error.message });
        });
      }
    },
    drain: async (windowMs) => {
      isDraining = true;
      await spread([...open], windowMs, async (stream) => {
        const givenUpAt = performance.now() + FINISH_LIMIT_MS;
        while (stream.isBusy && performance.now() < givenUpAt) await sleep(20);
        stream.cut("drain");
      });
    },
  };
}

async function openStream(
  exchange: { request: FastifyRequest; reply: FastifyReply; kind: HttpStreamKind },
  options: StreamServerOptions,
  open: Set<HttpStream>,
): Promise<FastifyReply> {
  const { request, reply, kind } = exchange;
  if (!isOriginAllowed(request.headers, options.allowedOrigins))
    throw new CodedError("FORBIDDEN", "Pages of this origin may not open streams here");
  const { authorization } = request.headers;
  if (options.requireToken && authorization === undefined)
    throw new CodedError("UNAUTHENTICATED", "This needs a bearer token");
  const identity = await options.identify(authorization);
  const { clock, meter } = options;
  const session = openSession(identity, {
    authorization,
    clock,
    address: options.addressOf(request.raw),
    clientHeaders: options.clientHeaders.of(request.headers),
  });
  const operation = readStreamRequest(request);

  reply.hijack();
  const format = STREAM_FORMATS[kind];
  const stream = new HttpStream(reply.raw, format, session);
  reply.raw.writeHead(200, {
    "content-type": format.contentType,
    "cache-control": "no-cache, no-transform",
    "x-accel-buffering": "no",
    "x-correlation-id": request.id,
  });
  reply.raw.flushHeaders();
  if (format.start) reply.raw.write(format.start);
  open.add(stream);
  const transport = kind === "sse" ? kind : "multipart";
  meter.connections(transport, 1);
  reply.raw.on("close", () => {
    open.delete(stream);
    meter.connections(transport, -1);
    stream.closed();
  });
  stream.carry(options.operations.start(operation, session, stream));
  return reply;
}

function refuse(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  if (isCodedError(error)) return sendRefusal(reply, error, log);
  if (!(error instanceof GraphQLError)) throw error;
  return reply.send({ errors: toClientErrors([error], { correlationId: reply.request.id, log }) });
}
