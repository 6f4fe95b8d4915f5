import type { GraphQLFormattedError } from "graphql";
import type { LiveEvent } from "../subscriptions/live-event.ts";
import type { HttpStreamKind } from "./negotiate.ts";

/** How one kind of HTTP stream looks on the wire. */
export interface StreamFormat {
  contentType: string;
  /** Written before anything else. */
  start: string;
  event(event: LiveEvent): string;
  /** A result that is no event: of a query, or errors. */
  result(json: string): string;
  fail(errors: readonly GraphQLFormattedError[]): string;
  /** Says that nothing will follow. */
  end: string;
  heartbeat: string;
}

/** A part ends with the delimiter of the next one, because clients take it for finished only then. */
const part = (body: string, boundary = "graphql") =>
  `\r\ncontent-type: application/json\r\n\r\n${body}\r\n--${boundary}`;

/** graphql-sse in its distinct connections mode; Apollo's multipart protocols for subscriptions and for `@defer`. */
export const STREAM_FORMATS: Readonly<Record<HttpStreamKind, StreamFormat>> = {
  sse: {
    contentType: "text/event-stream; charset=utf-8",
    start: "",
    event: ({ id, text }) => `event: next\nid: ${id}\ndata: ${text}\n\n`,
    result: (json) => `event: next\ndata: ${json}\n\n`,
    fail: (errors) => `event: next\ndata: ${JSON.stringify({ errors })}\n\nevent: complete\ndata:\n\n`,
    end: "event: complete\ndata:\n\n",
    heartbeat: ":\n\n",
  },
  multipart: {
    contentType: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"',
    start: "\r\n--graphql",
    event: ({ text }) => part(`{"payload":${text}}`),
    result: (json) => part(`{"payload":${json}}`),
    fail: (errors) => `${part(JSON.stringify({ payload: { errors } }))}--\r\n`,
    end: "--\r\n",
    heartbeat: part("{}"),
  },
  defer: {
    contentType: 'multipart/mixed;boundary="-";deferSpec=20220824',
    start: "\r\n---",
    event: ({ text }) => part(text, "-"),
    result: (json) => part(json, "-"),
    fail: (errors) => `${part(JSON.stringify({ errors, hasNext: false }), "-")}--\r\n`,
    end: "--\r\n",
    heartbeat: "",
  },
  incremental: {
    contentType: 'multipart/mixed;boundary="-";incrementalSpec=v0.2',
    start: "\r\n---",
    event: ({ text }) => part(text, "-"),
    result: (json) => part(json, "-"),
    fail: (errors) => `${part(JSON.stringify({ errors, hasNext: false }), "-")}--\r\n`,
    end: "--\r\n",
    heartbeat: "",
  },
};
