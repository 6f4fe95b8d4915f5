import {
  bulkhead,
  handleWhen,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
  DelegateBackoff,
  type IPolicy,
} from "cockatiel";
import { LRUCache } from "lru-cache";
import type { Clock } from "../../../../../lib/clock.ts";
import { inSteps, type Steps } from "../../../../../lib/in-steps.ts";
import { packDocument } from "../../../products/adapters/documents.ts";
import { CORRELATION_HEADER, correlationIdFrom } from "../../../../../lib/correlation.ts";
import type { AllowPrivate } from "../../../../../lib/outbound.ts";
import { PlmFailure, type PlmSource } from "../../../products/operations/ports.ts";
import { isWorthRetrying, malformed, toPlmFailure } from "./failures.ts";
import { createPlmHttp, type PlmHttp, type PlmHttpResponse } from "./http.ts";
import { parseConfiguration } from "./configuration-payload.ts";
import { parseCatalogue } from "./payload.ts";
import { createTokenSource, type TokenSource } from "./token-source.ts";

export interface PlmClientConfig {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  /** Milliseconds that one call may take with everything: token, queue, retry, body. */
  deadlineMs: number;
  /** Calls that run at the same time; fifty more may wait. */
  maxConcurrent: number;
  /** Longest answer that is taken, in bytes; default 8 MB. */
  bodyLimitBytes?: number | undefined;
  /** Signs every request for a PLM that wants it; absent for one that does not. */
  signingSecret?: string | undefined;
  allowPrivate?: AllowPrivate | undefined;
}

export interface PlmClientDeps {
  clock: Clock;
  /** 0-1 */
  random: () => number;
}

export interface PlmClient extends PlmSource {
  close(): Promise<void>;
}

const QUEUE_LENGTH = 50;
const CATALOGUE_PATH = "/plm/catalog";
/** Answers that are kept to be confirmed by the PLM instead of sent again: how many, and how long they were together. */
const KEPT_ANSWERS = 5_000;
const KEPT_BYTES = 64 * 1_048_576;

/** An answer as it was read: its words themselves are not kept. */
interface KeptAnswer {
  etag: string;
  /** What it was read with beside its words: answers about the same path may be read differently. */
  readWith: string;
  parsed: object;
  /** How long it was as the PLM sent it. */
  bytes: number;
}

/** The partner's PLM over HTTP; every failure is a PlmFailure within the deadline. */
export function createPlmClient(config: PlmClientConfig, deps: PlmClientDeps): PlmClient {
  const http = createPlmHttp(config, deps);
  const tokens = createTokenSource(config, { http, clock: deps.clock });
  const policy = callPolicy(config, deps);
  const kept = new LRUCache<string, KeptAnswer>({
    max: KEPT_ANSWERS,
    maxSize: KEPT_BYTES,
    sizeCalculation: ({ bytes }, path) => path.length + bytes,
  });

  const fetchOnce = async <T extends object>(call: PlmCall<T>, signal: AbortSignal) => {
    const { path, correlationId } = call;
    const found = kept.get(path);
    const known = found?.readWith === call.readWith ? found : undefined;
    const headers = { [CORRELATION_HEADER]: correlationId, ...(known && { "if-none-match": known.etag }) };
    const response = await authorizedGet({ http, tokens }, { path, headers, signal });
    const parsed =
      response.status === 304 ? (unchanged(known) as T) : await inSteps(call.parse(await response.json()));
    const etag = response.header("etag");
    // Only what could be read is worth confirming.
    if (etag === undefined) kept.delete(path);
    else {
      const bytes = response.status === 304 ? (known?.bytes ?? 0) : response.bytes;
      kept.set(path, { etag, readWith: call.readWith, parsed, bytes });
    }
    return {
      ...parsed,
      // The PLM repeats our id or says its own; anything that is no harmless id is not passed on.
      correlationId: acceptableCorrelationId(response.header(CORRELATION_HEADER)) ?? correlationId,
    };
  };

  const call = async <T extends object>(request: PlmCall<T>) => {
    const checked = { ...request, correlationId: correlationIdFrom(request.correlationId) };
    try {
      return await policy.execute(({ signal }) => fetchOnce(checked, signal));
    } catch (error) {
      throw toPlmFailure(error, config);
    }
  };

  return {
    readCatalogue: ({ correlationId }) =>
      call({ path: CATALOGUE_PATH, correlationId, readWith: "", parse: parseCatalogue }),
    readConfiguration: ({ correlationId, modelPlmId, trimCodes }) =>
      call({
        path: `/plm/models/${encodeURIComponent(modelPlmId)}/config`,
        correlationId,
        readWith: JSON.stringify([...trimCodes]),
        parse: (body) => readAnswer(body, trimCodes),
      }),
    close: () => http.close(),
  };
}

interface PlmCall<T> {
  path: string;
  correlationId: string;
  /** What the answer is read with beside its words. */
  readWith: string;
  /** @throws PlmFailure MALFORMED */
  parse: (body: unknown) => Steps<T>;
}

/** A configuration with the PLM's own words, packed: orders keep them, and they are not looked at before. */
function* readAnswer(body: unknown, trimCodes: ReadonlyMap<string, string>) {
  const payload = yield* parseConfiguration(body, trimCodes);
  return { ...payload, raw: yield* packDocument(withoutCorrelation(body)) };
}

/** The request that brought an answer is told apart from it: the same answer twice is one and the same document. */
function withoutCorrelation(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== "correlationId"));
}

/** The deadline is outermost: cockatiel's bulkhead does not let go of a queued call that is aborted. */
function callPolicy(config: PlmClientConfig, deps: PlmClientDeps): IPolicy {
  const isTransient = (error: unknown) => error instanceof PlmFailure && isWorthRetrying(error);
  return wrap(
    timeout(config.deadlineMs, TimeoutStrategy.Aggressive),
    retry(handleWhen(isTransient), {
      maxAttempts: 1,
      backoff: new DelegateBackoff(() => 25 + 50 * deps.random()),
    }),
    bulkhead(config.maxConcurrent, QUEUE_LENGTH),
  );
}

interface GetRequest {
  path: string;
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** A token may end on the way, so a refusal is answered once with a fresh one. */
async function authorizedGet(
  parts: { http: PlmHttp; tokens: TokenSource },
  { path, headers, signal }: GetRequest,
): Promise<PlmHttpResponse> {
  const send = (token: string) =>
    parts.http.send({
      method: "GET",
      path,
      headers: { ...headers, accept: "application/json", authorization: `Bearer ${token}` },
      signal,
    });
  const token = await parts.tokens.current();
  const response = await send(token);
  return response.status === 401 ? send(await parts.tokens.replace(token)) : response;
}

function unchanged(known: KeptAnswer | undefined): object {
  if (!known) throw malformed("status 304 to an unconditional request");
  return known.parsed;
}

const acceptableCorrelationId = (given: string | undefined): string | undefined =>
  given !== undefined && correlationIdFrom(given) === given ? given : undefined;
