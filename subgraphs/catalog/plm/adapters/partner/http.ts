import { createHmac } from "node:crypto";
import type { Dispatcher } from "undici";
import type { Clock } from "../../../../../lib/clock.ts";
import { createOutboundAgent, type AllowPrivate } from "../../../../../lib/outbound.ts";
import { inSteps } from "../../../../../lib/in-steps.ts";
import { failureOfStatus, malformed, toPlmFailure } from "./failures.ts";
import { parseJsonInSteps } from "../../../products/adapters/json-in-steps.ts";

export interface PlmHttpConfig {
  /** Where the PLM's API lives, like `https://plm.example`; a path in it is kept. */
  baseUrl: string;
  maxConcurrent: number;
  deadlineMs: number;
  /** Longest answer that is taken, in bytes; default 8 MB. */
  bodyLimitBytes?: number | undefined;
  /** Signs every request for a PLM that wants it; absent for one that does not. */
  signingSecret?: string | undefined;
  allowPrivate?: AllowPrivate | undefined;
}

interface PlmHttpRequest {
  method: "GET" | "POST";
  /** Like `/plm/catalog`. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal: AbortSignal;
}

export interface PlmHttpResponse {
  status: number;
  /** Length of the body. */
  bytes: number;
  /** A header's single value; undefined when it is missing or repeated. */
  header(name: string): string | undefined;
  /**
   * The JSON of a successful answer; a long one is read piece by piece.
   *
   * @throws PlmFailure for every other status, another content type, too large a body or bad JSON
   */
  json(): Promise<unknown>;
}

export interface PlmHttp {
  /** @throws PlmFailure TIMEOUT or UNAVAILABLE when no whole answer arrives */
  send(request: PlmHttpRequest): Promise<PlmHttpResponse>;
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 8 * 1_048_576;
/** What `JSON.parse` reads within a few milliseconds. */
const SHORT_BYTES = 262_144;

/** HTTP to the PLM over connections of its own. */
export function createPlmHttp(config: PlmHttpConfig, deps: { clock: Clock }): PlmHttp {
  const { deadlineMs, signingSecret, bodyLimitBytes = BODY_LIMIT_BYTES } = config;
  const agent = createOutboundAgent({
    allowPrivate: config.allowPrivate,
    connections: config.maxConcurrent,
    connectTimeout: deadlineMs,
    headersTimeout: deadlineMs,
    bodyTimeout: deadlineMs,
  });
  const base = config.baseUrl.replace(/\/+$/, "");
  const origin = new URL(base).origin;
  const prefix = base.slice(origin.length);
  return {
    send: async ({ path, ...request }) => {
      try {
        const target = prefix + path;
        const signature = signingSecret
          ? signatureOf({ ...request, path: target }, signingSecret, deps.clock)
          : {};
        const headers = { ...request.headers, ...signature };
        const answer = await agent.request({ origin, path: target, body: null, ...request, headers });
        return toResponse(answer, await readBytes(answer.body, bodyLimitBytes));
      } catch (error) {
        throw toPlmFailure(error, { deadlineMs });
      }
    },
    close: () => agent.destroy(),
  };
}

/** HMAC-SHA256 over time, method, path and body, so that a request can be neither changed nor sent again later. */
function signatureOf(
  { method, path, body = "" }: Pick<PlmHttpRequest, "method" | "path" | "body">,
  secret: string,
  clock: Clock,
): Record<string, string> {
  const seconds = Math.floor(clock.now().getTime() / 1000);
  const digest = createHmac("sha256", secret).update(`${seconds}.${method}.${path}.${body}`).digest("hex");
  return { "x-plm-signature": `t=${seconds},v1=${digest}` };
}

function toResponse(answer: Dispatcher.ResponseData, bytes: Buffer): PlmHttpResponse {
  const header = (name: string) => {
    const value = answer.headers[name];
    return typeof value === "string" ? value : undefined;
  };
  const json = async (): Promise<unknown> => {
    if (answer.statusCode !== 200 && answer.statusCode !== 202)
      throw failureOfStatus(answer.statusCode, retryAfterMs(header("retry-after")));
    const type = header("content-type") ?? "none";
    if (!/^application\/(json|.+\+json)\s*(;|$)/i.test(type))
      throw malformed(`content type ${type.slice(0, 80)}`);
    try {
      return bytes.length <= SHORT_BYTES
        ? JSON.parse(bytes.toString())
        : await inSteps(parseJsonInSteps(bytes));
    } catch (error) {
      throw malformed("not JSON", error);
    }
  };
  return { status: answer.statusCode, bytes: bytes.length, header, json };
}

async function readBytes(body: Dispatcher.ResponseData["body"], limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw malformed(`more than ${limitBytes} bytes, which PLM_BODY_LIMIT_MB allows`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Only the form in seconds: a date would depend on two clocks. */
function retryAfterMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
