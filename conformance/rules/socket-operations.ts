import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../../lib/wait.ts";
import { onSocket, type Message, type Socket } from "../socket.ts";
import { given, Failed, requireThat, Skipped, type Rule } from "../rule.ts";
import type { Target } from "../target.ts";
import { closesWith, staysOpen } from "./socket-connection.ts";

const SPEC = "https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md";

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The payload of a `next` has to be the result of an execution. */
function requireResult({ payload }: Message): void {
  const isResult = isObject(payload) && ("data" in payload || Array.isArray(payload["errors"]));
  requireThat(
    isResult,
    `the payload is ${JSON.stringify(payload)?.slice(0, 200)}, no result of an execution`,
  );
}

/** An operation that cannot be executed has to be answered by `error`, once, and nothing else has to suffer. */
async function isRefusedAlone(socket: Socket, query: string, target: Target): Promise<void> {
  socket.subscribe("wrong", query);
  await waitFor(() => socket.of("wrong")[0] ?? !socket.isOpen(), { timeoutMs: target.timeoutMs });
  const [answer] = socket.of("wrong");
  if (!answer) {
    const { code, reason } = await socket.closed();
    throw new Failed(
      `the server closed the connection with ${code} ${reason} instead of answering with error`,
    );
  }
  requireThat(answer.type === "error", `answered with ${answer.type} instead of error`);
  const { payload } = answer;
  const areErrors =
    Array.isArray(payload) &&
    payload.length > 0 &&
    payload.every((each) => isObject(each) && typeof each["message"] === "string");
  requireThat(areErrors, `the payload is ${JSON.stringify(payload)?.slice(0, 200)}, no list of errors`);
  await sleep(target.quietMs);
  const [, more] = socket.of("wrong");
  requireThat(more === undefined, `${more?.type} follows the error`);
  socket.subscribe("right", "{ __typename }");
  await socket.next("next", "right");
}

const refusals: readonly Rule[] = (
  [
    ["syntax", "a syntax error", "subscription {"],
    ["unknown-field", "a field that the schema does not have", "subscription { doesNotExist }"],
    ["unknown-fragment", "a fragment that is not there", "{ __typename ...doesNotExist }"],
  ] as const
).map(([id, what, query]) => ({
  id: `ws-error-${id}`,
  level: "MUST",
  says: `an operation with ${what} gets one error message, no complete, and the connection goes on`,
  source: `${SPEC}#error`,
  check: (target) => onSocket(target, (socket) => isRefusedAlone(socket, query, target)),
}));

/** What is done with operations over graphql-transport-ws. */
export const socketOperations: readonly Rule[] = [
  {
    id: "ws-query",
    level: "MUST",
    says: "a query gets one next and then complete",
    source: `${SPEC}#single-result-operation`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.subscribe("q", "{ __typename }");
        await socket.next("complete", "q");
        await sleep(target.quietMs);
        const types = socket.of("q").map(({ type }) => type);
        requireThat(types.join() === "next,complete", `got ${types.join(", ")}`);
        requireResult(await socket.next("next", "q"));
      }),
  },
  {
    id: "ws-next",
    level: "MUST",
    says: "the events of a subscription come as next with its id, each the result of an execution",
    source: `${SPEC}#next`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.subscribe("s", given(target, "subscription"));
        requireResult(await socket.next("next", "s"));
      }),
  },
  {
    id: "ws-complete",
    level: "MUST",
    says: "a subscription that is over ends with complete, and nothing follows",
    source: `${SPEC}#complete`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.subscribe("e", given(target, "ending"));
        await socket.next("complete", "e");
        await sleep(target.quietMs);
        requireThat(
          socket.of("e").at(-1)?.type === "complete",
          `${socket.of("e").at(-1)?.type} follows complete`,
        );
      }),
  },
  {
    id: "ws-complete-by-client",
    level: "MUST",
    says: "no event follows once the client has sent complete",
    source: `${SPEC}#complete`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.subscribe("s", given(target, "large"));
        const hasThree = () => socket.of("s").length >= 3;
        await waitFor(hasThree, { timeoutMs: target.timeoutMs, what: "three events of --large" });
        socket.send({ id: "s", type: "complete" });
        // What was on its way when the server heard of it does not count.
        socket.send({ type: "ping" });
        await socket.next("pong");
        await sleep(target.quietMs);
        const before = socket.of("s").length;
        await sleep(target.quietMs * 2);
        const after = socket.of("s").slice(before);
        requireThat(after.length === 0, `${after.length} more messages came, the first ${after[0]?.type}`);
      }),
  },
  {
    id: "ws-duplicate-id",
    level: "MUST",
    says: "an id that is in use ends the connection with 4409",
    source: `${SPEC}#subscribe`,
    check: (target) =>
      onSocket(target, async (socket) => {
        const query = given(target, "subscription");
        socket.subscribe("1", query);
        await socket.next("next", "1");
        socket.subscribe("1", query);
        await closesWith(socket, 4409);
      }),
  },
  {
    id: "ws-id-again",
    level: "MUST",
    says: "an id may be used again once its operation is over",
    source: `${SPEC}#complete`,
    check: (target) =>
      onSocket(target, async (socket) => {
        const query = given(target, "subscription");
        socket.subscribe("1", query);
        await socket.next("next", "1");
        socket.send({ id: "1", type: "complete" });
        socket.messages.length = 0;
        await sleep(target.quietMs);
        socket.messages.length = 0;
        socket.subscribe("1", query);
        await socket.next("next", "1");
      }),
  },
  {
    id: "ws-ids-apart",
    level: "MUST",
    says: "operations that run at once are kept apart by their ids, whatever these are",
    source: `${SPEC}#subscribe`,
    check: (target) =>
      onSocket(target, async (socket) => {
        const ids = ['a"b', "ключ", "x".repeat(200), "{}"];
        for (const id of ids) socket.subscribe(id, given(target, "subscription"));
        for (const id of ids) await socket.next("next", id);
      }),
  },
  {
    id: "ws-complete-unknown",
    level: "SHOULD",
    says: "a complete for an id that is not there changes nothing: it may have crossed the server's own",
    source: `${SPEC}#complete`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.send({ id: "never", type: "complete" });
        await staysOpen(socket, target);
        requireThat(socket.of("never").length === 0, "the server answered it");
      }),
  },
  ...refusals,
  {
    id: "ws-deep-variables",
    level: "SHOULD",
    says: "variables that are 3,000 deep are answered or refused, and the connection goes on or ends with 4400 or 1009",
    source: `${SPEC}#subscribe`,
    check: (target) =>
      onSocket(target, async (socket) => {
        const deep = `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`;
        socket.send(`{"id":"1","type":"subscribe","payload":{"query":"{ __typename }","variables":${deep}}}`);
        await waitFor(() => socket.of("1")[0] ?? !socket.isOpen(), { timeoutMs: target.timeoutMs });
        if (socket.isOpen()) return;
        const { code } = await socket.closed();
        requireThat(code === 4400 || code === 1009, `closed with ${code}`);
      }),
  },
  {
    id: "ws-defer",
    level: "SHOULD",
    says: "the parts of a deferred operation come as next, the last one says hasNext: false, and complete follows",
    source: `${SPEC}#streaming-operation`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.subscribe("d", given(target, "defer"));
        await Promise.race([socket.next("complete", "d"), socket.next("error", "d")]);
        const parts = socket.of("d").filter(({ type }) => type === "next");
        if (parts.length === 0) throw new Skipped(`refused: ${JSON.stringify(socket.of("d")).slice(0, 200)}`);
        if (parts.length === 1) throw new Skipped("the answer came in one part");
        const last = parts.at(-1)?.payload;
        requireThat(
          isObject(last) && last["hasNext"] === false,
          `the last part is ${JSON.stringify(last)?.slice(0, 200)}`,
        );
      }),
  },
];
