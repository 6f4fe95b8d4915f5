import { OperationTypeNode } from "graphql";
import type { Clock } from "../../lib/clock.ts";
import { CORRELATION_HEADER } from "../../lib/correlation.ts";
import { Freshness } from "../../lib/freshness.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import { stringifyResult } from "../execution/json-text-data.ts";
import type { AddressOf } from "../limits/client-address.ts";
import { statusOfErrors } from "../operation/refused.ts";
import type { ClientResult, Opened, Road } from "../operation/road.ts";
import type { StreamDetails } from "../operation/running.ts";
import { openSession } from "../operation/session.ts";
import { isEventId } from "../subscriptions/event-id.ts";
import type { Apollo } from "./apollo.ts";
import type { Exchange } from "./exchange.ts";
import type { Accepted, HttpStreamKind, JsonType } from "./negotiate.ts";
import type { ClientHeaders } from "../transport/header-rules.ts";
import { STREAM_FORMATS } from "./stream-format.ts";
import { sendAway, type Streams } from "./streams.ts";

export interface DeliveryOptions {
  road: Road;
  streams: Streams;
  apollo: Apollo;
  addressOf: AddressOf;
  /** What of a client's headers goes on to subgraphs. */
  clientHeaders: Pick<ClientHeaders, "names">;
  isProduction: boolean;
  clock: Clock;
}

/** What may be said to whom. */
interface Delivered {
  opened: Opened;
  caller: Caller;
}

/** Delivers what an operation comes to, in the form that its client likes best. */
export function createDelivery(options: DeliveryOptions) {
  return (exchange: Exchange, { opened, caller }: Delivered): Promise<void> | void => {
    const form = formFor(opened, exchange.accepted);
    const delivering = { exchange, opened, caller };
    return isJson(form) ? answerIn(form, delivering, options) : streamIn(form, delivering, options);
  };
}

/** A subscription that gets here is accepted as a stream, and whatever is accepted at all has a form for single answers. */
function formFor({ prepared }: Opened, { single, parts, events }: Accepted): JsonType | HttpStreamKind {
  const { definition, defers } = prepared;
  const wanted = definition.operation === OperationTypeNode.SUBSCRIPTION ? events : defers ? parts : single;
  return wanted ?? single ?? "application/json";
}

const isJson = (form: JsonType | HttpStreamKind): form is JsonType => !(form in STREAM_FORMATS);

type Delivering = Delivered & { exchange: Exchange };

/** Apollo Server answers what has not been answered before; what has goes straight on. */
async function answerIn(
  type: JsonType,
  { exchange, opened, caller }: Delivering,
  { road, apollo, isProduction, clientHeaders }: DeliveryOptions,
): Promise<void> {
  let result: ClientResult | undefined;
  const asks = exchange.request.method === "GET" ? { ...caller, freshness: new Freshness() } : caller;
  const taken = (answered: Awaited<ReturnType<Road["answer"]>>): ClientResult => {
    result = answered.result;
    if (isProduction || exchange.request.headers["x-execution-path"] !== "1") return result;
    return { ...result, extensions: { ...result.extensions, executionPath: answered.path } };
  };
  const text = opened.prepared.isProven
    ? stringifyResult(taken(await road.answer(opened, asks)) as never)
    : await apollo.answer({ opened, run: async () => taken(await road.answer(opened, asks)) }, type);
  const isRefused = result?.data === undefined;
  const mayBeKept = result?.errors === undefined && !opened.operation.explains;
  const kept = mayBeKept ? keeping(exchange, asks, clientHeaders.names) : undefined;
  exchange.send({
    status: isRefused ? exchange.statusFor(statusOfErrors(result?.errors ?? [])) : 200,
    type,
    text,
    cacheControl: kept?.cacheControl,
    vary: kept?.vary,
  });
}

/**
 * How long an answer without errors may be kept, by what the subgraphs say of theirs: in private when a token came with
 * its question. What else it may depend on are the headers that rules forward.
 */
function keeping(
  { request }: Exchange,
  { freshness }: Caller,
  forwarded: readonly string[],
): { cacheControl: string; vary: readonly string[] } | undefined {
  const isPrivate = request.headers.authorization !== undefined;
  const cacheControl = freshness?.cacheControl({ isPrivate });
  return cacheControl === undefined ? undefined : { cacheControl, vary: ["authorization", ...forwarded] };
}

function streamIn(
  kind: HttpStreamKind,
  { exchange, opened, caller }: Delivering,
  { road, streams, addressOf, clock }: DeliveryOptions,
): void {
  const { request, response, correlationId } = exchange;
  if (streams.isDraining) return sendAway(response);
  const { authorization } = request.headers;
  const { identity, clientHeaders } = caller;
  const address = addressOf(request);
  const session = openSession(identity, { authorization, address, clock, clientHeaders });
  const { json } = exchange.accepted;
  const stream = streams.open(
    {
      raw: response,
      format: STREAM_FORMATS[kind],
      headers: [CORRELATION_HEADER, correlationId, ...exchange.headers],
      refuse:
        json &&
        ((errors, status) =>
          exchange.send({
            status: exchange.statusFor(status),
            type: json,
            text: stringifyResult({ errors }),
          })),
    },
    { kind, session },
  );
  const details = { ...detailsOf(exchange, { opened, caller }), announcesParts: kind === "incremental" };
  stream.carry(road.start(opened, { details, session, sink: stream }));
}

function detailsOf({ request }: Exchange, { opened, caller }: Delivered): StreamDetails {
  const { correlationId, traceparent } = caller;
  const last = opened.extensions?.["lastEventId"] ?? request.headers["last-event-id"];
  return {
    correlationId,
    traceparent,
    lastEventId: isEventId(last) ? last : undefined,
    // Browsers come back to a GET by themselves; a POST that ends looks the same, cut off or not.
    mayResume: request.method === "GET" || last !== undefined,
  };
}
