import type { Mutation } from "./mutating-proxy.ts";

/** Ends connections with a code that no rule expects. */
const closesWrongly: Mutation = { close: () => 4999 };
/** Takes what is no message for nothing. */
const swallows = (isLegal: RegExp): Mutation => ({
  toServer: (text) => (isLegal.test(text) ? text : undefined),
});
const drops = (type: string): Mutation => ({
  toClient: (message) => (message.type === type ? [] : [message]),
});
const tells = (from: string | RegExp, to: string): Mutation => ({ body: (text) => text.replace(from, to) });
const INVALID = swallows(/^\{"type":"connection_init"/);
const answersWithNext: Mutation = {
  toClient: (message) => [
    message.type === "error" ? { ...message, type: "next", payload: { errors: message.payload } } : message,
  ],
};
const completesErrors: Mutation = {
  toClient: (message) =>
    message.type === "error" ? [message, { type: "complete", id: message.id ?? "" }] : [message],
};
const refusesWithStatus: Mutation = {
  head: ({ type }) => ({ status: 400, type }),
};
const extensionsOf = ({ payload }: { payload?: Record<string, unknown> }) =>
  payload?.["extensions"] as Record<string, unknown> | undefined;

/** Ids that have been used, for a server that does not forget them. */
const remembersIds = (): Mutation => {
  const used = new Set<string>();
  return {
    toServer: (text, message) => {
      if (message?.type !== "subscribe" || message.id === undefined) return text;
      if (used.has(message.id)) return 4409;
      used.add(message.id);
      return text;
    },
  };
};

/** For each rule, servers that break it. */
const MUTATIONS: Readonly<Record<string, readonly Mutation[]>> = {
  "ws-subprotocol": [{ protocol: () => "" }],
  "ws-other-subprotocol": [{ acceptsEverybody: true }],
  "ws-ack": [drops("connection_ack")],
  "ws-init-timeout": [closesWrongly],
  "ws-init-twice": [closesWrongly, remembersInit()],
  "ws-init-twice-at-once": [closesWrongly, remembersInit()],
  "ws-init-refused": [closesWrongly],
  "ws-subscribe-early": [closesWrongly],
  "ws-ping": [drops("pong")],
  "ws-ping-early": [drops("pong")],
  "ws-pong": [{ toServer: (text, message) => (message?.type === "pong" ? 4400 : text) }],
  "ws-large-message": [closesWrongly],
  "ws-query": [
    drops("complete"),
    { toClient: (message) => (message.type === "next" ? [message, message] : [message]) },
  ],
  "ws-next": [
    drops("next"),
    { toClient: (message) => [message.type === "next" ? { ...message, payload: { result: 1 } } : message] },
  ],
  "ws-complete": [
    drops("complete"),
    {
      toClient: (message) =>
        message.type === "complete" ? [message, { ...message, type: "next" }] : [message],
    },
  ],
  "ws-complete-by-client": [
    { toServer: (text, message) => (message?.type === "complete" ? undefined : text) },
  ],
  "ws-duplicate-id": [closesWrongly],
  "ws-id-again": [remembersIds()],
  "ws-ids-apart": [
    { toClient: (message) => [message.type === "next" ? { ...message, id: "all" } : message] },
  ],
  "ws-complete-unknown": [{ toServer: (text, message) => (message?.type === "complete" ? 4400 : text) }],
  "ws-error-syntax": [answersWithNext, completesErrors],
  "ws-error-unknown-field": [answersWithNext, completesErrors],
  "ws-error-unknown-fragment": [answersWithNext, completesErrors],
  "ws-deep-variables": [{ toServer: (text) => (text.length > 10_000 ? 1011 : text) }],
  "ws-defer": [
    {
      toClient: (message) => [
        message.payload?.["hasNext"] === false
          ? { ...message, payload: { ...message.payload, hasNext: true } }
          : message,
      ],
    },
  ],
  "sse-content-type": [{ head: ({ status }) => ({ status, type: "application/json" }) }],
  "sse-next": [tells("event: next", "event: message"), tells(/data: \{"data"/, 'data: {"result"')],
  "sse-get": [{ head: ({ type }, { method }) => ({ status: method === "GET" ? 405 : 200, type }) }],
  "sse-query": [tells("event: complete", ": complete")],
  "sse-complete": [tells("event: complete", ": complete")],
  "sse-error-syntax": [refusesWithStatus],
  "sse-error-unknown-field": [refusesWithStatus],
  "sse-mutation-by-get": [{ body: () => 'event: next\ndata: {"data":{"__typename":"Mutation"}}\n\n' }],
  "sse-one-answer": [{ head: ({ type }) => ({ status: 200, type }), body: () => "{}" }],
  "sse-defer": [tells('"hasNext":false', '"hasNext":true')],
  "multipart-content-type": [
    { head: ({ status }) => ({ status, type: 'multipart/mixed;boundary="graphql"' }) },
  ],
  "multipart-part-type": [tells(/content-type: application\/json/g, "content-type: text/plain")],
  "multipart-payload": [tells('{"payload":', '{"body":')],
  "multipart-end": [tells(/--\r\n$/, "\r\n")],
  "multipart-error": [tells(/"errors"/g, '"problems"')],
  "defer-2022-parts": [
    tells(/content-type: application\/json/g, "content-type: text/plain"),
    tells(/--\r\n$/, "\r\n"),
  ],
  "defer-2022-has-next": [tells('"hasNext":true', '"hasNext":false')],
  "defer-2022-whole": [tells('{"slow":"slow"}', '{"slow":"other"}')],
  "defer-2023-parts": [
    tells(/content-type: application\/json/g, "content-type: text/plain"),
    tells(/--\r\n$/, "\r\n"),
  ],
  "defer-2023-has-next": [tells('"hasNext":true', '"hasNext":false')],
  "defer-2023-whole": [tells('{"slow":"slow"}', '{"slow":"other"}')],
  "defer-2023-pending": [tells('"completed":[{', '"ended":[{')],
  "resume-sse": [
    { body: (text) => text.replace(/^id: .*$/gm, "id: 1").replaceAll('"gap":true', '"gap":false') },
  ],
  "resume-ws": [{ toClient: (message) => [withExtensions(message, { eventId: "1", gap: false })] }],
  "resume-unknown": [{ toClient: (message) => [withExtensions(message, { gap: false })] }],
};

/** Rules whose servers are all broken in the same way. */
export const mutationsOf = (id: string): readonly Mutation[] =>
  id.startsWith("ws-invalid-") ? [INVALID, closesWrongly] : (MUTATIONS[id] ?? []);

/** A server that takes a second initialisation for the first. */
function remembersInit(): Mutation {
  let isInitialised = false;
  return {
    toServer: (text, message) => {
      if (message?.type !== "connection_init") return text;
      if (isInitialised) return undefined;
      isInitialised = true;
      return text;
    },
  };
}

const withExtensions = <M extends { type?: string; payload?: Record<string, unknown> }>(
  message: M,
  changed: object,
): M =>
  message.type === "next"
    ? { ...message, payload: { ...message.payload, extensions: { ...extensionsOf(message), ...changed } } }
    : message;
