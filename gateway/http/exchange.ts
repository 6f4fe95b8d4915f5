import type { IncomingMessage, ServerResponse } from "node:http";
import { CORRELATION_HEADER, correlationIdFrom } from "../../lib/correlation.ts";
import { stringifyResult } from "../execution/json-text-data.ts";
import { Refused } from "../operation/refused.ts";
import type { Road } from "../operation/road.ts";
import type { Accepted, HttpStreamKind, JsonType } from "./negotiate.ts";
import type { Replier, Reply } from "./reply.ts";
import { STREAM_FORMATS } from "./stream-format.ts";

/** What every exchange is answered with. */
export interface Answering {
  road: Pick<Road, "told">;
  reply: Replier;
}

/** What an exchange has been found to be. */
interface Terms {
  accepted: Accepted;
  /** Headers of every answer to it, names and values in turn. */
  headers: readonly string[];
}

/** One request and its response. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly correlationId: string;
  readonly accepted: Accepted;
  readonly headers: readonly string[];
  readonly #answering: Answering;

  constructor(
    answering: Answering,
    between: { request: IncomingMessage; response: ServerResponse },
    terms: Terms,
  ) {
    this.#answering = answering;
    this.request = between.request;
    this.response = between.response;
    this.accepted = terms.accepted;
    this.headers = terms.headers;
    this.correlationId = correlationIdFrom(this.request.headers[CORRELATION_HEADER]);
  }

  /** Whether the client has gone. */
  get isLeft(): boolean {
    return this.response.destroyed;
  }

  /** Sends an answer in one piece. */
  send(
    reply: Pick<Reply, "status" | "text" | "cacheControl" | "vary"> & { type: JsonType },
    more: readonly string[] = [],
  ): void {
    this.#answering.reply(this.request, this.response, {
      status: reply.status,
      text: reply.text,
      cacheControl: reply.cacheControl,
      vary: reply.vary,
      type: TYPES[reply.type],
      correlationId: this.correlationId,
      headers: more.length === 0 ? this.headers : [...this.headers, ...more],
    });
  }

  /** Refuses the request itself, with the status that says so. */
  refuse(refused: Refused): void {
    const text = stringifyResult({ errors: this.#answering.road.told(refused, this.correlationId) });
    const type = this.accepted.json ?? "application/json";
    this.send({ status: refused.status, type, text }, Object.entries(refused.headers).flat());
  }

  /** Refuses the operation: clients that take nothing but a stream are told in one, as its protocol has it. */
  refuseOperation(refused: Refused): void {
    const { json, events, single } = this.accepted;
    if (json === undefined) return this.#refuseInStream(refused, (events ?? single) as HttpStreamKind);
    const { errors, headers } = refused;
    return this.refuse(new Refused(errors, { status: this.statusFor(refused.status), headers }));
  }

  /** The status that a client can bear to a request that was well-formed. */
  statusFor(status: number): number {
    return this.accepted.isLegacy && status === 400 ? 200 : status;
  }

  #refuseInStream(refused: Refused, kind: HttpStreamKind): void {
    const format = STREAM_FORMATS[kind];
    const own = ["content-type", format.contentType, CORRELATION_HEADER, this.correlationId];
    this.response.writeHead(200, [...own, ...this.headers]);
    this.response.end(format.start + format.fail(this.#answering.road.told(refused, this.correlationId)));
  }
}

const TYPES: Readonly<Record<JsonType, string>> = {
  "application/json": "application/json; charset=utf-8",
  "application/graphql-response+json": "application/graphql-response+json; charset=utf-8",
};
