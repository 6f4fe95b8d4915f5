import { setTimeout as sleep } from "node:timers/promises";
import { onSocket, type Socket, type SocketOptions } from "../socket.ts";
import { given, requireThat, Skipped, type Rule } from "../rule.ts";
import type { Target } from "../target.ts";

const SPEC = "https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md";
const UNINITIALISED: SocketOptions = { initialise: false };
const INIT = { type: "connection_init", payload: {} };

/** The server has to end the connection with that code. */
export async function closesWith(socket: Socket, code: number, timeoutMs?: number): Promise<void> {
  const close = await socket.closed(timeoutMs);
  requireThat(close.code === code, `closed with ${close.code} ${close.reason} instead of ${code}`);
}

/** The connection has to go on. */
export async function staysOpen(socket: Socket, { quietMs }: Target): Promise<void> {
  await sleep(quietMs);
  const reason = socket.isOpen() ? "" : await socket.closed().then(({ code, reason }) => `${code} ${reason}`);
  requireThat(socket.isOpen(), `the server closed the connection with ${reason}`);
}

/** Begins and ends of connections of graphql-transport-ws. */
export const socketConnection: readonly Rule[] = [
  {
    id: "ws-subprotocol",
    level: "MUST",
    says: "the subprotocol graphql-transport-ws is agreed on",
    source: `${SPEC}#communication`,
    check: (target) =>
      onSocket(
        target,
        async ({ raw }) => {
          requireThat(
            raw.protocol === "graphql-transport-ws",
            `the server chose ${JSON.stringify(raw.protocol)}`,
          );
        },
        UNINITIALISED,
      ),
  },
  {
    id: "ws-other-subprotocol",
    level: "SHOULD",
    says: "a client that speaks another subprotocol alone is sent away",
    source: `${SPEC}#communication`,
    check: (target) =>
      onSocket(
        target,
        async (socket) => {
          await socket.closed();
        },
        { protocols: ["of-another-world"], ...UNINITIALISED },
      ),
  },
  {
    id: "ws-ack",
    level: "MUST",
    says: "connection_init is answered by connection_ack",
    source: `${SPEC}#connectionack`,
    check: (target) => onSocket(target, async () => {}),
  },
  {
    id: "ws-init-timeout",
    level: "MUST",
    says: "a connection that nobody initialises ends with 4408",
    source: `${SPEC}#connection-initialisation-timeout`,
    check: (target) =>
      onSocket(target, (socket) => closesWith(socket, 4408, target.initTimeoutMs), UNINITIALISED),
  },
  {
    id: "ws-init-twice",
    level: "MUST",
    says: "a second connection_init ends the connection with 4429",
    source: `${SPEC}#connectioninit`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.send(INIT);
        await closesWith(socket, 4429);
      }),
  },
  {
    id: "ws-init-twice-at-once",
    level: "MUST",
    says: "so does one that comes before the first is answered",
    source: `${SPEC}#connectioninit`,
    check: (target) =>
      onSocket(
        target,
        async (socket) => {
          for (let time = 0; time < 2; time++) socket.send({ ...INIT, payload: target.init ?? {} });
          await closesWith(socket, 4429);
        },
        UNINITIALISED,
      ),
  },
  {
    id: "ws-init-refused",
    level: "MUST",
    says: "a payload of connection_init that the server does not accept ends the connection with 4403",
    source: `${SPEC}#connectioninit`,
    check: (target) =>
      onSocket(
        target,
        async (socket) => {
          if (!target.badInit) throw new Skipped("--bad-init is not given");
          socket.send({ type: "connection_init", payload: target.badInit });
          await closesWith(socket, 4403);
        },
        UNINITIALISED,
      ),
  },
  {
    id: "ws-subscribe-early",
    level: "MUST",
    says: "a subscribe before the acknowledgement ends the connection with 4401",
    source: `${SPEC}#subscribe`,
    check: (target) =>
      onSocket(
        target,
        async (socket) => {
          socket.subscribe("1", "{ __typename }");
          await closesWith(socket, 4401);
        },
        UNINITIALISED,
      ),
  },
  {
    id: "ws-ping",
    level: "MUST",
    says: "a ping is answered by a pong",
    source: `${SPEC}#ping`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.send({ type: "ping" });
        await socket.next("pong");
        socket.messages.length = 0;
        socket.send({ type: "ping", payload: { n: 1 } });
        await socket.next("pong");
      }),
  },
  {
    id: "ws-ping-early",
    level: "MUST",
    says: "a ping is answered before the connection is initialised, too",
    source: `${SPEC}#ping`,
    check: (target) =>
      onSocket(
        target,
        async (socket) => {
          socket.send({ type: "ping" });
          await socket.next("pong");
        },
        UNINITIALISED,
      ),
  },
  {
    id: "ws-pong",
    level: "MUST",
    says: "a pong that nobody asked for changes nothing",
    source: `${SPEC}#pong`,
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.send({ type: "pong", payload: { n: 1 } });
        await staysOpen(socket, target);
      }),
  },
  {
    id: "ws-large-message",
    level: "SHOULD",
    says: "a message of 2 MiB is answered, or ends the connection with 1009",
    source: "https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1",
    check: (target) =>
      onSocket(target, async (socket) => {
        socket.subscribe("1", given(target, "subscription"), { variables: { x: "x".repeat(2 * 1_048_576) } });
        await Promise.any([
          closesWith(socket, 1009),
          socket.next("next", "1"),
          socket.next("error", "1"),
        ]).catch((error: AggregateError) => {
          throw error.errors[0];
        });
      }),
  },
];
