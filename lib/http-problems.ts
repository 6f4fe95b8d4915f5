import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { excerptOf, isCodedError, statusOf } from "./errors.ts";
import type { Log } from "./log.ts";

/** What a server refuses before any route sees it, by the name of the limit. */
export type ServerLimit = "body" | "headerBytes" | "requestTime";

/** RFC 9457 problem details; further members are allowed. */
type Problem = { status: number; code?: string; detail: string } & Record<string, unknown>;

const bodyOf = ({ status, code, detail, ...rest }: Problem) => ({
  type: "about:blank",
  title: code ?? STATUS_CODES[status],
  status,
  detail,
  code,
  ...rest,
});

/** Problem details with our code and the correlation id. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .send({ ...bodyOf(problem), correlationId: reply.request.id });
}

/** Problem details as the last answer of a connection. */
export function answerWithProblem(response: ServerResponse, problem: Problem): void {
  response
    .writeHead(problem.status, { connection: "close", "content-type": "application/problem+json" })
    .end(JSON.stringify(bodyOf(problem)));
}

/** Problem details for a connection on which nothing is served, and its end. */
export function endWithProblem(socket: Duplex, problem: Problem): void {
  socket.on("error", () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(bodyOf(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    "connection: close",
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}

interface ProblemOptions {
  log: Log;
  /** Largest request body in bytes. */
  bodyLimitBytes: number;
  /** Told of every request that exceeds a limit of the server itself. */
  onLimit: (limit: ServerLimit) => void;
}

/** What is thrown while a request is served, in the form that callers see. */
export const problemHandler =
  ({ log, bodyLimitBytes, onLimit }: ProblemOptions) =>
  (error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (isCodedError(error)) {
      const { field, value, allowed, limit, retryAfterMs } = error.details;
      if (retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(retryAfterMs / 1000));
      const { code, message: detail } = error;
      return sendProblem(reply, { status: statusOf(code), code, detail, field, value, allowed, limit });
    }
    const status = error.statusCode ?? 500;
    if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
      onLimit("body");
      const most = request.routeOptions.bodyLimit ?? bodyLimitBytes;
      const allowed = `at most ${most} bytes`;
      const detail = `The body has more than ${most} bytes`;
      return sendProblem(reply, { status, code: "BAD_USER_INPUT", detail, limit: "body", allowed });
    }
    if (status < 500) {
      return sendProblem(reply, { status, code: "BAD_USER_INPUT", detail: excerptOf(error.message) });
    }
    log.error({ err: error, correlationId: request.id }, "request failed");
    return sendProblem(reply, {
      status: 500,
      code: "INTERNAL",
      detail: `Something went wrong here; quote ${request.id} when you report it`,
    });
  };

/** What is wrong with a connection before it brings a request. */
export const clientErrorHandler =
  (onLimit: (limit: ServerLimit) => void) =>
  (error: Error & { code?: string }, socket: Duplex): void => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    const { limit, ...problem } = CLIENT_PROBLEMS[error.code ?? ""] ?? UNREADABLE;
    if (limit !== undefined) onLimit(limit);
    endWithProblem(socket, { ...problem, code: "BAD_USER_INPUT", ...(limit && { limit }) });
  };

const UNREADABLE = { status: 400, detail: "This is not a request that can be read", limit: undefined };
const CLIENT_PROBLEMS: Readonly<Record<string, { status: number; detail: string; limit: ServerLimit }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    detail: "The request took too long to arrive",
    limit: "requestTime",
  },
  HPE_HEADER_OVERFLOW: { status: 431, detail: "The headers are too large", limit: "headerBytes" },
};
