import { onSocket } from "../socket.ts";
import type { Rule } from "../rule.ts";
import { closesWith } from "./socket-connection.ts";

const SOURCE = "https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md#invalid-message";
const QUERY = "{ __typename }";
const asked = (payload: unknown, id: unknown = "1") => ({ id, type: "subscribe", payload });

/** What is no message of graphql-transport-ws, by what is wrong with it. */
const INVALID: readonly (readonly [id: string, what: string, message: unknown])[] = [
  ["not-json", "a text that is no JSON", "{"],
  ["empty", "an empty text", ""],
  ["null", "null", "null"],
  ["list", "a list", "[]"],
  ["text", "a JSON text", '"x"'],
  ["no-type", "a message without type", "{}"],
  ["type-of-number", "a type that is a number", { type: 1 }],
  [
    "unknown-type",
    "a type that the protocol does not have",
    { type: "start", id: "1", payload: { query: QUERY } },
  ],
  ["next", "a message that only servers send", { type: "next", id: "1", payload: { data: {} } }],
  ["no-id", "a subscribe without id", { type: "subscribe", payload: { query: QUERY } }],
  ["id-of-number", "an id that is a number", asked({ query: QUERY }, 1)],
  ["no-payload", "a subscribe without payload", { type: "subscribe", id: "1" }],
  ["no-query", "a payload without query", asked({})],
  ["query-of-number", "a query that is a number", asked({ query: 1 })],
  ["variables-of-text", "variables that are no object", asked({ query: QUERY, variables: "x" })],
  ["name-of-object", "an operation name that is no text", asked({ query: QUERY, operationName: {} })],
  ["complete-no-id", "a complete without id", { type: "complete" }],
  ["ping-of-text", "a ping whose payload is no object", { type: "ping", payload: "x" }],
];

/** Messages that end the connection with 4400. */
export const socketMessages: readonly Rule[] = INVALID.map(([id, what, message]) => ({
  id: `ws-invalid-${id}`,
  // The reference server takes its own messages for another fault.
  level: id === "next" ? "SHOULD" : "MUST",
  says: `${what} ends the connection with 4400`,
  source: SOURCE,
  check: (target) =>
    onSocket(target, async (socket) => {
      socket.send(message);
      await closesWith(socket, 4400);
    }),
}));
