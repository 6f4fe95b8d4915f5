import { Readable } from "node:stream";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { holds } from "../../lib/authorization.ts";
import { CORRELATION_HEADER, correlationIdFrom } from "../../lib/correlation.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import { TRACEPARENT_HEADER, traceparentFrom } from "../../lib/trace-context.ts";
import type { Answer } from "../execution/engine.ts";
import { JsonTextData, stringifyResult } from "../execution/json-text-data.ts";
import type { Generations } from "../generations.ts";
import type { Identify } from "../../lib/identify.ts";
import type { AddressOf } from "../limits/client-address.ts";
import { limitKey } from "../limits/limit-key.ts";
import type { Limits } from "../limits/limits.ts";
import type { OperationMeter } from "../operation/meter.ts";
import { hasPlainHead, plainRequest, type PlainRequest } from "./plain-request.ts";
import type { ClientHeaders } from "../transport/header-rules.ts";
import type { WarmOperation, WarmOperations } from "./warm-operations.ts";

export interface FastLaneOptions {
  generations: Generations;
  identify: Identify;
  limits: Limits;
  addressOf: AddressOf;
  clientHeaders: ClientHeaders;
  warm: WarmOperations;
  meter: OperationMeter;
  maxBodyBytes: number;
}

export interface FastLane {
  /** What the fast lane executed before it handed a request on; to be used instead of executing again. */
  answerTo: (request: IncomingMessage) => Answer | undefined;
}

/**
 * Answers ordinary POSTs of operations that have been seen before, ahead of Fastify and Apollo Server.
 * Everything else goes on to them, as if nothing had happened: bodies that have been read are given back,
 * and answers with errors are passed on for Apollo Server to format.
 */
export function openFastLane(app: FastifyInstance, options: FastLaneOptions): FastLane {
  const bodies = new WeakMap<IncomingMessage, Buffer>();
  const answers = new WeakMap<IncomingMessage, Answer>();
  let isClosing = false;

  const [onward] = app.server.listeners("request") as [(req: IncomingMessage, res: ServerResponse) => void];
  app.server.removeAllListeners("request");
  app.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (isClosing || !hasPlainHead(request, options.maxBodyBytes)) return onward(request, response);
    readBody(request, (body) => {
      const plain = plainRequest(body, (id) => options.limits.trust.byId(id));
      const operation = plain && options.warm.find(plain.query, plain.operationName);
      const handOn = () => {
        bodies.set(request, body);
        onward(request, response);
      };
      if (!operation) return handOn();
      const finish = (served: Served | undefined, startedMs: number) => {
        if (!served || "answer" in served) {
          if (served) answers.set(request, served.answer);
          return handOn();
        }
        send(response, served);
        options.meter.record(operation.definition, { failed: false, startedMs });
      };
      void answerOrPass({ request, plain, operation, finish }, options);
    });
  });

  app.addHook("preParsing", async (request, _reply, payload) => {
    const body = bodies.get(request.raw);
    return body ? Readable.from([body]) : payload;
  });
  app.addHook("preClose", async () => {
    isClosing = true;
  });
  return { answerTo: (request) => answers.get(request) };
}

function readBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const [first] = chunks;
    done(first && chunks.length === 1 ? first : Buffer.concat(chunks));
  });
}

interface Answering {
  request: IncomingMessage;
  plain: PlainRequest;
  operation: WarmOperation;
  /** Undefined: nothing was executed. */
  finish: (served: Served | undefined, startedMs: number) => void;
}

async function answerOrPass({ request, plain, operation, finish }: Answering, options: FastLaneOptions) {
  const startedMs = performance.now();
  let served: Served | undefined;
  try {
    served = await serve(request, { plain, operation }, options);
  } catch {
    // A token that is not accepted; the long way knows how to say it.
  }
  finish(served, startedMs);
}

type Served = { body: string; correlationId: string } | { answer: Answer };

/** The finished body, an answer for Apollo Server to format, or undefined when nothing was executed. */
async function serve(
  request: IncomingMessage,
  { plain, operation }: { plain: PlainRequest; operation: WarmOperation },
  { generations, identify, limits, addressOf, clientHeaders: rules }: FastLaneOptions,
): Promise<Served | undefined> {
  const identity = await identify(request.headers.authorization);
  if (!isAllowed(identity, operation)) return undefined;
  const given = request.headers[CORRELATION_HEADER];
  const correlationId = correlationIdFrom(given);
  request.headers[CORRELATION_HEADER] = correlationId;
  const traceparent = traceparentFrom(request.headers[TRACEPARENT_HEADER]);
  const clientHeaders = rules.of(request.headers);
  const isCorrelationOurs = correlationId !== given;
  const caller: Caller = { identity, clientHeaders, correlationId, traceparent, isCorrelationOurs };
  const { document, definition } = operation;
  const { engine, supergraph } = generations.current();
  const asked = { document, definition, variables: plain.variables };
  if (!limits.admits(limitKey(identity, addressOf(request)), asked, supergraph)) return undefined;
  limits.trust.count(operation.isTrusted);
  const answer = await engine.executeText(asked, caller);
  const { data, errors, extensions } = answer;
  if (errors || data === undefined) return { answer };
  const result = { data: new JsonTextData(data), ...(extensions && { extensions }) };
  return { body: stringifyResult(result as never), correlationId };
}

const isAllowed = (identity: Identity, { requirements }: WarmOperation) =>
  requirements.every((requirement) => holds(identity, requirement));

function send(
  response: ServerResponse,
  { body, correlationId }: { body: string; correlationId: string },
): void {
  // Node would encode a long text into a buffer three times its size.
  const bytes = Buffer.from(body);
  response.writeHead(200, [
    CORRELATION_HEADER,
    correlationId,
    "cache-control",
    "no-store",
    "content-type",
    "application/json; charset=utf-8",
    "content-length",
    String(bytes.length),
  ]);
  response.end(bytes);
}
