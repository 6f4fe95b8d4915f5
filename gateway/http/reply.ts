import type { IncomingMessage, ServerResponse } from "node:http";
import { createHash } from "node:crypto";
import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { encoderFor, type Encoder } from "./compression.ts";

/** A finished answer. */
export interface Reply {
  status: number;
  type: string;
  text: string;
  correlationId: string;
  /** Names and values in turn, beside those that every answer has. */
  headers?: readonly string[];
  /** Default: `no-store`. */
  cacheControl?: string | undefined;
  /** What an answer that may be kept depends on, beside the form that its client accepts, by header. */
  vary?: readonly string[] | undefined;
}

/** How long a client that is told no may go on sending before it is cut off. */
const DRAIN_MS = 2_000;

export type Replier = (request: IncomingMessage, response: ServerResponse, reply: Reply) => void;

/** Writes answers, compressed where the client takes that and they are long enough. */
export function createReplier(compressAboveBytes: number): Replier {
  return (request, response, reply) => {
    // Node would encode a long text into a buffer three times its size.
    const bytes = Buffer.from(reply.text);
    const { headers = [], status, vary = [] } = reply;
    const head = [
      CORRELATION_HEADER,
      reply.correlationId,
      "cache-control",
      reply.cacheControl ?? "no-store",
      "content-type",
      reply.type,
      ...headers,
    ];
    if (request.method === "GET" && status === 200) {
      const etag = etagOf(bytes);
      head.push("vary", ["accept", "accept-encoding", ...vary].join(", "), "etag", etag);
      if (isKnown(request.headers["if-none-match"], etag)) {
        response.writeHead(304, head).end();
        return;
      }
    }
    const encoder =
      bytes.length > compressAboveBytes ? encoderFor(request.headers["accept-encoding"]) : undefined;
    if (encoder) void writeEncoded(request, response, { status, head, bytes, encoder });
    else write(request, response, { status, head, bytes });
  };
}

interface Written {
  status: number;
  head: string[];
  bytes: Buffer;
}

async function writeEncoded(
  request: IncomingMessage,
  response: ServerResponse,
  { status, head, bytes, encoder: { name, encode } }: Written & { encoder: Encoder },
): Promise<void> {
  const encoded = await encode(bytes);
  head.push("content-encoding", name);
  if (request.method !== "GET") head.push("vary", "accept-encoding");
  write(request, response, { status, head, bytes: encoded });
}

/** The same answer has the same tag, however it is compressed. */
const etagOf = (bytes: Buffer): string =>
  `W/"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`;

const isKnown = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  ifNoneMatch.split(",").some((each) => each.trim() === "*" || opaque(each.trim()) === opaque(etag));

const opaque = (tag: string) => tag.replace(/^W\//, "");

function write(request: IncomingMessage, response: ServerResponse, { status, head, bytes }: Written): void {
  head.push("content-length", String(bytes.length));
  if (!isStillSending(request)) {
    response.writeHead(status, head);
    response.end(bytes);
    return;
  }
  // A client that writes would not read an answer whose connection is cut, so it may go on for a while.
  head.push("connection", "close");
  response.writeHead(status, head);
  response.write(bytes);
  const givingUp = setTimeout(() => request.destroy(), DRAIN_MS).unref();
  request.once("end", () => response.end());
  request.once("close", () => clearTimeout(givingUp)).resume();
}

const isStillSending = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0);
