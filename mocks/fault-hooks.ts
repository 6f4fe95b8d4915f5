import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "../lib/http-problems.ts";
import { ANSWER_MODES, type FaultRule, type Faults } from "./faults.ts";
import { isControlPath, pathOf } from "./request-log.ts";
import { isSpoilMode, spoil, type Shape } from "./spoil.ts";

/** The fault of a request, for handlers whose body it spoils. */
export interface ActiveFaults {
  /** The body as the fault of this request, if any, lets it out. */
  spoiled(request: FastifyRequest, body: object): object;
  modeOf(request: FastifyRequest): FaultRule["mode"] | undefined;
  /** True when the fault of this request cuts the bytes of its answer, so that it has to have some. */
  spoilsBytes(request: FastifyRequest): boolean;
}

const RETRY_AFTER_SECONDS = 1;
const BYTE_MODES: ReadonlySet<FaultRule["mode"] | undefined> = new Set(["malformed", "reset"]);
/** Long enough for the first half of a body to reach the client before the reset does. */
const RESET_DELAY_MS = 5;

/**
 * Makes faults happen. `down`, `status`, `hang`, `expired-token`, `rate-limit` and `wrong-content-type` strike
 * before the work is done; `slow`, `malformed`, `partial`, `empty`, `reset` and `schema-drift` after it.
 */
export function installFaults(app: FastifyInstance, faults: Faults, shape: Shape): ActiveFaults {
  const active = new WeakMap<FastifyRequest, FaultRule>();
  const closing = new AbortController();
  const held = new Set<FastifyRequest["raw"]["socket"]>();

  app.addHook("onRequest", async (request, reply) => {
    const path = pathOf(request.url);
    const rule = isControlPath(path) ? undefined : faults.take(path, ANSWER_MODES);
    if (!rule) return undefined;
    active.set(request, rule);
    if (rule.latencyMs > 0) await delay(rule.latencyMs, closing.signal);
    if (closing.signal.aborted || rule.mode === "down") return destroy(request, reply);
    if (rule.mode === "hang") return hold(request, reply, held);
    return refuse(rule, reply);
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const mode = active.get(request)?.mode;
    if (typeof payload !== "string" || reply.statusCode === 304) return payload;
    if (mode === "malformed") return payload.slice(0, Math.max(1, payload.length - 2));
    return mode === "reset" ? cutHalfWay(request, reply, payload) : payload;
  });
  app.addHook("preClose", async () => {
    closing.abort();
    for (const socket of held) socket.destroy();
  });
  return {
    modeOf: (request) => active.get(request)?.mode,
    spoilsBytes: (request) => BYTE_MODES.has(active.get(request)?.mode),
    spoiled: (request, body) => {
      const mode = active.get(request)?.mode;
      return mode && isSpoilMode(mode) ? spoil(body, mode, shape) : body;
    },
  };
}

/** Answers in place of the handler for the modes that refuse; lets the others through. */
function refuse({ mode, status }: FaultRule, reply: FastifyReply): FastifyReply | undefined {
  if (mode === "wrong-content-type") {
    return reply
      .type("text/html; charset=utf-8")
      .send("<!doctype html><title>Sign in</title><p>Please sign in</p>");
  }
  if (mode === "expired-token") {
    reply.header(
      "www-authenticate",
      'Bearer error="invalid_token", error_description="The token has expired"',
    );
    return sendProblem(reply, { status: 401, code: "UNAUTHENTICATED", detail: "The token has expired" });
  }
  if (mode !== "status" && mode !== "rate-limit") return undefined;
  const refusedWith = mode === "rate-limit" ? 429 : status;
  if (refusedWith === 429 || refusedWith === 503) reply.header("retry-after", RETRY_AFTER_SECONDS);
  const code = refusedWith === 429 ? "RATE_LIMITED" : "FAULT";
  return sendProblem(reply, {
    status: refusedWith,
    code,
    detail: `Refused with ${refusedWith} by a fault rule`,
  });
}

function destroy(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.hijack();
  request.raw.socket.destroy();
  return reply;
}

function hold(
  request: FastifyRequest,
  reply: FastifyReply,
  held: Set<FastifyRequest["raw"]["socket"]>,
): FastifyReply {
  reply.hijack();
  const { socket } = request.raw;
  held.add(socket);
  socket.once("close", () => held.delete(socket));
  return reply;
}

function cutHalfWay(request: FastifyRequest, reply: FastifyReply, payload: string): Readable {
  const bytes = Buffer.from(payload);
  reply.header("content-length", bytes.length);
  async function* half() {
    yield bytes.subarray(0, Math.ceil(bytes.length / 2));
    await sleep(RESET_DELAY_MS);
    request.raw.socket.resetAndDestroy();
  }
  return Readable.from(half());
}

/** Waits, or stops waiting when the mock closes. */
const delay = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
