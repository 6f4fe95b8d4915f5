import type { IncomingMessage } from "node:http";
import { decoded, isReadableEncoding, READABLE_ENCODINGS } from "../../lib/content-encoding.ts";
import { badInput, CodedError } from "../../lib/errors.ts";
import { refusedBy, type Refused } from "../operation/refused.ts";

const JSON_BODY = /^application\/(?:json|graphql\+json|graphql-response\+json)\s*(?:;|$)/i;
const CHARSET = /;\s*charset\s*=\s*"?([\w-]+)/i;

/** What is wrong with the body of a request as far as its head tells: its media type, charset, encoding or size. */
export function unreadableBody({ headers }: IncomingMessage, limitBytes: number): Refused | undefined {
  const type = headers["content-type"];
  if (type === undefined || !JSON_BODY.test(type))
    return refusedBy(badInput("content-type", type ?? null, "application/json"), { status: 415 });
  const charset = CHARSET.exec(type)?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset))
    return refusedBy(badInput("content-type", type, "charset=utf-8"), { status: 415 });
  const encoding = headers["content-encoding"];
  if (encoding !== undefined && !isReadableEncoding(encoding))
    return refusedBy(badInput("content-encoding", encoding, `one of ${READABLE_ENCODINGS.join(", ")}`), {
      status: 415,
    });
  return Number(headers["content-length"] ?? 0) > limitBytes ? tooLarge(limitBytes) : undefined;
}

const tooLarge = (limitBytes: number): Refused =>
  refusedBy(
    new CodedError("BAD_USER_INPUT", `The body has more than ${limitBytes} bytes`, {
      limit: "body",
      allowed: `at most ${limitBytes} bytes`,
    }),
    { status: 413 },
  );

/**
 * Reads a body, compressed or not, up to a number of bytes on the wire and in memory alike.
 *
 * @returns undefined when the client has gone before its end
 */
export function readBody(
  request: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | Refused | undefined> {
  const raw = received(request, limitBytes);
  const encoding = request.headers["content-encoding"];
  return encoding === undefined ? raw : readEncoded(raw, encoding, limitBytes);
}

async function readEncoded(
  received: Promise<Buffer | Refused | undefined>,
  encoding: string,
  limitBytes: number,
): Promise<Buffer | Refused | undefined> {
  const raw = await received;
  if (!Buffer.isBuffer(raw)) return raw;
  try {
    return await decoded(raw, encoding, limitBytes);
  } catch (error) {
    return error instanceof RangeError
      ? tooLarge(limitBytes)
      : refusedBy(badInput("content-encoding", encoding, "the encoding that the body really has"));
  }
}

function received(request: IncomingMessage, limitBytes: number): Promise<Buffer | Refused | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(chunk);
      else resolve(tooLarge(limitBytes));
    });
    request.on("end", () => {
      const [first] = chunks;
      resolve(first && chunks.length === 1 ? first : Buffer.concat(chunks));
    });
    request.on("close", () => resolve(undefined));
  });
}

/** Keys that JSON parsers are attacked with, and the escapes that hide them. */
const SUSPICIOUS = /__proto__|constructor|\\u00[0-9a-f]{2}/i;

/** The JSON in a body; keys that are made to change prototypes are refused. */
export function parseBody(body: Buffer): unknown {
  const text = body.toString();
  try {
    const parsed: unknown = JSON.parse(text);
    return SUSPICIOUS.test(text) && isPoisoned(parsed)
      ? refusedBy(badInput("body", "a key that changes prototypes", "other keys"))
      : parsed;
  } catch {
    return refusedBy(new CodedError("BAD_USER_INPUT", "The body is not valid JSON"));
  }
}

function isPoisoned(root: unknown): boolean {
  const open = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__")) return true;
    const { constructor } = Object.hasOwn(value, "constructor") ? value : { constructor: undefined };
    if (typeof constructor === "object" && constructor !== null && Object.hasOwn(constructor, "prototype"))
      return true;
    open.push(...(Object.values(value) as unknown[]));
  }
  return false;
}
