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
import type { Clock } from "../../../../lib/clock.ts";
import { CORRELATION_HEADER, correlationIdFrom } from "../../../../lib/correlation.ts";
import { PlmFailure, type PlmAnswer, type PlmSource } from "../../operations/ports.ts";
import { isWorthRetrying, malformed, toPlmFailure } from "./failures.ts";
import { createPlmHttp, type PlmHttp, type PlmHttpResponse } from "./http.ts";
import { parseCatalogue, type CataloguePayload } from "./payload.ts";
import { createTokenSource, type TokenSource } from "./token-source.ts";

export interface PlmClientConfig {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  /** Milliseconds that one call may take with everything: token, queue, retry, body. */
  deadlineMs: number;
  /** Calls that run at the same time; fifty more may wait. */
  maxConcurrent: number;
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

/** The partner's PLM over HTTP; every failure is a PlmFailure within the deadline. */
export function createPlmClient(config: PlmClientConfig, deps: PlmClientDeps): PlmClient {
  const http = createPlmHttp(config);
  const tokens = createTokenSource(config, { http, clock: deps.clock });
  const policy = callPolicy(config, deps);
  let known: { etag: string; payload: CataloguePayload } | undefined;

  const fetchCatalogue = async (correlationId: string, signal: AbortSignal): Promise<PlmAnswer> => {
    const headers = { [CORRELATION_HEADER]: correlationId, ...(known && { "if-none-match": known.etag }) };
    const response = await authorizedGet({ http, tokens }, { path: CATALOGUE_PATH, headers, signal });
    const payload = response.status === 304 ? unchanged(known?.payload) : parseCatalogue(response.json());
    const etag = response.header("etag");
    known = etag === undefined ? undefined : { etag, payload };
    return {
      models: payload.models,
      schemaVersion: payload.schemaVersion,
      // The PLM repeats our id or says its own; anything that is no harmless id is not passed on.
      correlationId: acceptableCorrelationId(response.header(CORRELATION_HEADER)) ?? correlationId,
    };
  };

  return {
    readCatalogue: async (request) => {
      const correlationId = correlationIdFrom(request.correlationId);
      try {
        return await policy.execute(({ signal }) => fetchCatalogue(correlationId, signal));
      } catch (error) {
        throw toPlmFailure(error, config);
      }
    },
    close: () => http.close(),
  };
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

function unchanged(payload: CataloguePayload | undefined): CataloguePayload {
  if (!payload) throw malformed("status 304 to an unconditional request");
  return payload;
}

const acceptableCorrelationId = (given: string | undefined): string | undefined =>
  given !== undefined && correlationIdFrom(given) === given ? given : undefined;
