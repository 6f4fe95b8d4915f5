import { createHmac } from "node:crypto";
import type { Dispatcher } from "undici";
import type { Clock } from "../../../../lib/clock.ts";
import { createOutboundAgent, type AllowPrivate } from "../../../../lib/outbound.ts";
import { failureOfStatus, malformed, toPlmFailure } from "./failures.ts";

export interface PlmHttpConfig {
  /** Where the PLM's API lives, like `https://plm.example`; a path in it is kept. */
  baseUrl: string;
  maxConcurrent: number;
  deadlineMs: number;
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
  /** A header's single value; undefined when it is missing or repeated. */
  header(name: string): string | undefined;
  /**
   * The JSON of a successful answer.
   *
   * @throws PlmFailure for every other status, another content type, too large a body or bad JSON
   */
  json(): unknown;
}

export interface PlmHttp {
  /** @throws PlmFailure TIMEOUT or UNAVAILABLE when no whole answer arrives */
  send(request: PlmHttpRequest): Promise<PlmHttpResponse>;
  close(): Promise<void>;
}

const BODY_LIMIT_BYTES = 8 * 1_048_576;

/** HTTP to the PLM over connections of its own. */
export function createPlmHttp(config: PlmHttpConfig, deps: { clock: Clock }): PlmHttp {
  const { deadlineMs, signingSecret } = config;
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
        return toResponse(answer, await readText(answer.body));
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

function toResponse(answer: Dispatcher.ResponseData, text: string): PlmHttpResponse {
  const header = (name: string) => {
    const value = answer.headers[name];
    return typeof value === "string" ? value : undefined;
  };
  const json = (): unknown => {
    if (answer.statusCode !== 200 && answer.statusCode !== 202)
      throw failureOfStatus(answer.statusCode, retryAfterMs(header("retry-after")));
    const type = header("content-type") ?? "none";
    if (!/^application\/(json|.+\+json)\s*(;|$)/i.test(type))
      throw malformed(`content type ${type.slice(0, 80)}`);
    try {
      return JSON.parse(text);
    } catch (error) {
      throw malformed("not JSON", error);
    }
  };
  return { status: answer.statusCode, header, json };
}

async function readText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_LIMIT_BYTES) throw malformed(`more than ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Only the form in seconds: a date would depend on two clocks. */
function retryAfterMs(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
