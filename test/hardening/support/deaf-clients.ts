import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { waitFor } from "../../../lib/wait.ts";
import type { StalledGateway } from "./stalled-gateway.ts";

/** A client that sends and does not read what it is sent. */
export interface DeafClient {
  /** What it does, for titles and tables. */
  what: string;
  /** Does it, on connections of its own. */
  act: (gateway: StalledGateway) => Promise<Socket[]>;
  /** The limit that ends it; undefined for those that are held within their bound for as long as they like. */
  limit?: string;
}

const MEGABYTE = 1_048_576;
const TEXT_BYTES = 60_000;

/** A connection that nothing has been said on. */
export const openConnection = async (port: number): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
};

/** Writes as fast as the other side takes it, until that hangs up. */
async function pour(socket: Socket, chunks: Iterable<string | Buffer>): Promise<void> {
  for (const chunk of chunks) {
    if (socket.destroyed) return;
    if (socket.write(chunk)) continue;
    const stopped = new AbortController();
    const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(2_000)]);
    await Promise.race([once(socket, "drain", { signal }), once(socket, "close", { signal })]).catch(
      () => {},
    );
    stopped.abort();
  }
}

/** A text message of a client: one masked frame. */
export function frame(message: unknown): Buffer {
  const payload = Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : 4);
  head[0] = 0x81;
  head[1] = 0x80 | Math.min(length, 126);
  if (length >= 126) head.writeUInt16BE(length, 2);
  const mask = randomBytes(4);
  for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at % 4] ?? 0);
  return Buffer.concat([head, mask, payload]);
}

/** A WebSocket that has been opened, and initialised if that is wanted; nothing is read after that. */
export async function openSocket(
  port: number,
  { initialise = true, authorization }: { initialise?: boolean; authorization?: string } = {},
): Promise<Socket> {
  const socket = await openConnection(port);
  let heard = "";
  const hear = (chunk: Buffer) => (heard += chunk.toString("latin1"));
  socket.on("data", hear);
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-protocol: graphql-transport-ws\r\nsec-websocket-key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  await waitFor(() => heard.includes("\r\n\r\n"));
  if (initialise) {
    socket.write(frame({ type: "connection_init", ...(authorization && { payload: { authorization } }) }));
    // A token that does not hold is the end of it.
    await waitFor(() => heard.includes("connection_ack") || socket.destroyed || heard.includes("Forbidden"));
  }
  socket.off("data", hear);
  socket.pause();
  return socket;
}

/** The head of a request with a body of so many bytes. */
const head = (bodyBytes: number, ...headers: string[]) =>
  [
    "POST /graphql HTTP/1.1",
    "host: x",
    "content-type: application/json",
    ...headers,
    `content-length: ${bodyBytes}`,
    "\r\n",
  ].join("\r\n");

const post = (query: string, { bodyBytes = 0, accept = "application/json" } = {}) => {
  const body = JSON.stringify({ query }).padEnd(bodyBytes);
  return `${head(body.length, `accept: ${accept}`)}${body}`;
};

/** A body that is much smaller on its way than when it is read. */
const postCompressed = (query: string, bodyBytes: number) => {
  const body = gzipSync(JSON.stringify({ query }).padEnd(bodyBytes));
  return Buffer.concat([Buffer.from(head(body.length, "content-encoding: gzip")), body]);
};

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const ping = frame({ type: "ping", payload: { text: "p".repeat(TEXT_BYTES) } });
/** A ping of WebSocket itself: opcode 9, the longest payload that it may have, and a mask of zeros. */
export const controlPing = Buffer.concat([Buffer.from([0x89, 0xfd, 0, 0, 0, 0]), Buffer.alloc(125, "p")]);
const ask = (id: number, query: string) => frame({ id: `${id}`, type: "subscribe", payload: { query } });
const bigText = `{ text(size: ${MEGABYTE}) }`;
const texts = (topic: number) => `subscription { texts(topic: ${topic}, size: ${TEXT_BYTES}) { text } }`;

/** Streams over HTTP that nobody reads, each a connection of its own. */
const openStreams = async ({ port, emit }: StalledGateway, accept: string): Promise<Socket[]> => {
  const sockets = await Promise.all(
    many(30, async (topic) => {
      const socket = await openConnection(port);
      socket.pause();
      await pour(socket, [post(texts(topic), { accept })]);
      return socket;
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  await emit(250);
  return sockets;
};

/** Each kind of client that does not read, with as much as is needed to fill a replica of 1 GiB if nobody counts. */
export const DEAF_CLIENTS: readonly DeafClient[] = [
  {
    what: "3,000 pings of 60 KB on one socket",
    limit: "waitingBytesPerConnection",
    act: async ({ port }) => {
      const socket = await openSocket(port);
      await pour(
        socket,
        many(3_000, () => ping),
      );
      return [socket];
    },
  },
  {
    what: "200 answers of 1 MB on one socket",
    limit: "waitingBytesPerConnection",
    act: async ({ port }) => {
      const socket = await openSocket(port);
      for (let id = 0; id < 200; id++) {
        await pour(socket, [ask(id, bigText)]);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return [socket];
    },
  },
  {
    what: "30 subscriptions on one socket, 250 events of 60 KB each",
    limit: "waitingBytesPerConnection",
    act: async ({ port, emit }) => {
      const socket = await openSocket(port);
      await pour(
        socket,
        many(30, (id) => ask(id, texts(id))),
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      await emit(250);
      return [socket];
    },
  },
  {
    what: "30 streams of server-sent events, 250 events of 60 KB each",
    limit: "waitingBytesPerConnection",
    act: (gateway) => openStreams(gateway, "text/event-stream"),
  },
  {
    what: "30 multipart streams, 250 events of 60 KB each",
    limit: "waitingBytesPerConnection",
    act: (gateway) => openStreams(gateway, "multipart/mixed;subscriptionSpec=1.0"),
  },
  {
    what: "1,000,000 pings of WebSocket itself on one socket",
    limit: "rate",
    act: async ({ port }) => {
      const socket = await openSocket(port);
      await pour(
        socket,
        many(100, () => Buffer.concat(many(10_000, () => controlPing))),
      );
      return [socket];
    },
  },
  {
    what: "2,000 sockets that say who they are and nothing more",
    act: ({ port }) => Promise.all(many(2_000, () => openSocket(port))),
  },
  {
    what: "10 sockets that have not said who they are, with 300 pings of 60 KB each",
    limit: "waitingBytesBeforeInit",
    act: ({ port }) =>
      Promise.all(
        many(10, async () => {
          const socket = await openSocket(port, { initialise: false });
          await pour(
            socket,
            many(300, () => ping),
          );
          return socket;
        }),
      ),
  },
  {
    what: "200 sockets that have not said who they are, with half a message of 60 KB each",
    limit: "waitingBytesBeforeInit",
    act: ({ port }) =>
      Promise.all(
        many(200, async () => {
          const socket = await openSocket(port, { initialise: false });
          await pour(socket, [ping.subarray(0, TEXT_BYTES)]);
          return socket;
        }),
      ),
  },
  {
    what: "1,000 sockets with half a message of 60 KB each",
    act: ({ port }) =>
      Promise.all(
        many(1_000, async () => {
          const socket = await openSocket(port);
          await pour(socket, [ping.subarray(0, TEXT_BYTES)]);
          return socket;
        }),
      ),
  },
  {
    what: "10 connections with 60 requests each, one after the other, for 1 MB",
    act: ({ port }) =>
      Promise.all(
        many(10, async () => {
          const socket = await openConnection(port);
          socket.pause();
          await pour(
            socket,
            many(60, () => post(bigText)),
          );
          return socket;
        }),
      ),
  },
  {
    what: "one connection with 2,000 requests, one after the other",
    act: async ({ port }) => {
      const socket = await openConnection(port);
      socket.pause();
      await pour(socket, [many(2_000, () => post(bigText)).join("")]);
      return [socket];
    },
  },
  {
    what: "100 connections that leave an answer of 4 MB",
    limit: "waitingBytes",
    act: ({ port }) =>
      Promise.all(
        many(100, async () => {
          const socket = await openConnection(port);
          socket.pause();
          await pour(socket, [post(`{ text(size: ${4 * MEGABYTE}) }`)]);
          return socket;
        }),
      ),
  },
  {
    what: "100 connections that send all but the end of a body of 1 MB",
    limit: "bodies",
    act: ({ port }) =>
      Promise.all(
        many(100, async () => {
          const socket = await openConnection(port);
          await pour(socket, [post(bigText, { bodyBytes: MEGABYTE }).slice(0, -1)]);
          return socket;
        }),
      ),
  },
  {
    what: "100 connections with a body of 1 MB in 1 KB of gzip, which leave an answer of 1 MB",
    act: ({ port }) =>
      Promise.all(
        many(100, async () => {
          const socket = await openConnection(port);
          socket.pause();
          await pour(socket, [postCompressed(bigText, MEGABYTE / 2)]);
          return socket;
        }),
      ),
  },
];
