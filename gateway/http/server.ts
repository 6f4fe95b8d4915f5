import type { IncomingMessage, ServerResponse } from "node:http";
import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import type { CrossOrigin } from "../../lib/cross-origin.ts";
import { badInput, CodedError, isCodedError } from "../../lib/errors.ts";
import type { Identify } from "../../lib/identify.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Log } from "../../lib/log.ts";
import { TRACEPARENT_HEADER, traceparentFrom } from "../../lib/trace-context.ts";
import { addressKey, limitKey } from "../limits/limit-key.ts";
import type { Limits } from "../limits/limits.ts";
import { Refused, refusedBy } from "../operation/refused.ts";
import type { ClientHeaders } from "../transport/header-rules.ts";
import { parseBody, readBody, unreadableBody } from "./body.ts";
import { createDelivery, type DeliveryOptions } from "./deliver.ts";
import { Exchange } from "./exchange.ts";
import { LANDING_PAGE } from "./landing-page.ts";
import { createNegotiation, OFFERED } from "./negotiate.ts";
import { parametersIn } from "./parameters.ts";
import { createReplier } from "./reply.ts";
import { sendAway } from "./streams.ts";

export interface HttpOptions extends DeliveryOptions {
  path: string;
  crossOrigin: CrossOrigin;
  identify: Identify;
  limits: Limits;
  /** In which new documents are read. */
  /** What of a client's headers goes on to subgraphs. */
  clientHeaders: ClientHeaders;
  bodyLimitBytes: number;
  /** Longer answers are compressed. */
  compressAboveBytes: number;
  log: Log;
}

/** GraphQL over HTTP. */
export interface HttpTransport {
  /** Takes a request that is meant for it; false leaves it to others. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
  /** Sends new requests away from now on. */
  close(): void;
}

/** Translates between HTTP and the road: POST and GET, answers in one piece and as streams. */
export function createHttpTransport(options: HttpOptions): HttpTransport {
  const { path, crossOrigin, isProduction, log } = options;
  const negotiate = createNegotiation();
  const answering = { road: options.road, reply: createReplier(options.compressAboveBytes) };
  const serve = createService(options);
  let isClosing = false;

  const begin = (request: IncomingMessage, response: ServerResponse): void => {
    if (isClosing) return sendAway(response);
    if (!isProduction && isAskingForPage(request)) {
      response.writeHead(200, [...LANDING_PAGE.headers]).end(LANDING_PAGE.html);
      return undefined;
    }
    const terms = { accepted: negotiate(request.headers.accept), headers: crossOrigin.headersFor(request) };
    const exchange = new Exchange(answering, { request, response }, terms);
    serve(exchange).catch((err: unknown) => {
      log.error({ err, correlationId: exchange.correlationId }, "request failed");
      if (response.headersSent) response.destroy();
      else exchange.refuse(refusedBy(new CodedError("INTERNAL", "unexpected")));
    });
    return undefined;
  };
  return {
    take: (request, response) => {
      const { url = "" } = request;
      if (url !== path && !url.startsWith(`${path}?`)) return false;
      begin(request, response);
      return true;
    },
    close: () => {
      isClosing = true;
    },
  };
}

/** Leads a request to the road: who asks, whether they may ask now, and for what. */
function createService(options: HttpOptions): (exchange: Exchange) => Promise<void> {
  const { road, crossOrigin, clientHeaders } = options;
  const deliver = createDelivery(options);
  return async (exchange) => {
    const { request, accepted, correlationId } = exchange;
    const foreign = foreignIn(crossOrigin, request);
    if (request.method === "OPTIONS" && !foreign) {
      exchange.response.writeHead(204, [...crossOrigin.preflightFor(request)]).end();
      return undefined;
    }
    const misdirected = foreign ?? wrongHead(exchange);
    if (misdirected) return exchange.refuse(road.unreadable(misdirected));
    const named = await identityOf(request, options);
    if (named instanceof Refused) return exchange.refuse(named);
    const { identity, key } = named;
    const parameters = await parametersOf(request, options);
    if (parameters === undefined) return undefined;
    if (parameters instanceof Refused) return exchange.refuse(road.unreadable(parameters));
    const asked = road.read(parameters);
    if (asked instanceof Refused) return exchange.refuse(asked);
    const turn = road.turnOf(asked, key);
    if (exchange.isLeft || (turn && !(await hasTurn(exchange, turn)))) return undefined;
    const isReadOnly = request.method === "GET";
    const opened = road.open(asked, { identity, isReadOnly, mayStream: accepted.events !== undefined });
    if (opened instanceof Refused) return exchange.refuseOperation(opened);
    const planning = road.planned(opened, key);
    if (planning && !(await hasTurn(exchange, planning))) return undefined;
    const caller = {
      identity,
      limitKey: key,
      clientHeaders: clientHeaders.of(request.headers),
      correlationId,
      isCorrelationOurs: correlationId !== request.headers[CORRELATION_HEADER],
      traceparent: traceparentFrom(request.headers[TRACEPARENT_HEADER]),
    };
    return deliver(exchange, { opened, caller });
  };
}

/** Whether the answer is to say how it comes about, which `extensions.explain` asks for where there are no headers. */
function explainOf({ headers }: IncomingMessage): boolean | Refused {
  const explain = headers["x-explain"];
  return explain === undefined || explain === "1"
    ? explain === "1"
    : refusedBy(badInput("x-explain", explain, "1"));
}

/** Parameters that ask for it; what is wrong with their form is for the road to say. */
function explaining(parameters: unknown): unknown {
  if (!isObject(parameters) || parameters instanceof Refused) return parameters;
  const { extensions = null } = parameters;
  if (extensions !== null && !isObject(extensions)) return parameters;
  return { ...parameters, extensions: { ...extensions, explain: true } };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Waits for the turn of a request; false where it has none, which its client has been told. Nothing is begun for a client
 * that has left meanwhile: no end of it would be heard.
 */
async function hasTurn(exchange: Exchange, turn: Promise<Refused | undefined>): Promise<boolean> {
  const refused = await turn;
  if (exchange.isLeft) return false;
  if (refused) exchange.refuseOperation(refused);
  return !refused;
}

/** Why a page of another origin may not ask. */
function foreignIn(crossOrigin: CrossOrigin, request: IncomingMessage): Refused | undefined {
  const refusal = crossOrigin.refusal(request);
  return refusal && refusedBy(refusal);
}

/** What the head of a request says wrong, whoever says it. */
function wrongHead({ request, accepted }: Exchange): Refused | undefined {
  const { method, headers } = request;
  if (method !== "POST" && method !== "GET") {
    const allow = "GET, POST, OPTIONS";
    return refusedBy(badInput("method", method, allow), { status: 405, headers: { allow } });
  }
  const { single, events } = accepted;
  if (single === undefined && events === undefined)
    return refusedBy(badInput("accept", headers.accept, OFFERED), { status: 406 });
  return undefined;
}

/** Who asks, and whom limits count by. Everybody is counted before a body is read. Guessing tokens counts, too: by address. */
async function identityOf(
  request: IncomingMessage,
  { identify, limits, addressOf }: HttpOptions,
): Promise<{ identity: Identity; key: string } | Refused> {
  try {
    const identity = await identify(request.headers.authorization);
    const key = limitKey(identity, addressOf(request));
    const tooOften = limits.rate(key);
    return tooOften ? refusedBy(tooOften) : { identity, key };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return refusedBy(limits.rate(addressKey(addressOf(request))) ?? error);
  }
}

/** What a request asks for; undefined when its client has gone before it had said it all. */
async function parametersOf(
  request: IncomingMessage,
  { bodyLimitBytes, limits }: HttpOptions,
): Promise<unknown> {
  const explain = explainOf(request);
  if (explain instanceof Refused) return explain;
  const parameters = await sentParameters(request, { bodyLimitBytes, limits });
  return explain ? explaining(parameters) : parameters;
}

async function sentParameters(
  request: IncomingMessage,
  { bodyLimitBytes, limits }: Pick<HttpOptions, "bodyLimitBytes" | "limits">,
): Promise<unknown> {
  if (request.method === "GET") return parametersIn(request.url ?? "");
  const body = unreadableBody(request, bodyLimitBytes) ?? (await readBody(request, bodyLimitBytes));
  if (body instanceof Refused && body.status === 413) limits.exceeded("body");
  return Buffer.isBuffer(body) ? parseBody(body) : body;
}

const isAskingForPage = ({ method, url = "", headers }: IncomingMessage): boolean =>
  method === "GET" &&
  /\btext\/html\b/.test(headers.accept ?? "") &&
  !/[?&](?:query|documentId|doc_id|extensions)=/.test(url);
