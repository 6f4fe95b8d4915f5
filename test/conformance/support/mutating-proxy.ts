import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { WebSocket, WebSocketServer } from "ws";

interface Message {
  type?: string;
  id?: string;
  payload?: Record<string, unknown>;
}

/** One way in which a server can be wrong. */
export interface Mutation {
  /** Of the subprotocols of a client; default: what the server behind chooses. */
  protocol?: () => string;
  /** Accepts any client and says nothing. */
  acceptsEverybody?: boolean;
  /** Sends nobody anything while somebody does not read. */
  sharesFate?: boolean;
  /** What becomes of the server's close code. */
  close?: (code: number) => number;
  /** What becomes of a message of the server; several, or none for an empty list. */
  toClient?: (message: Message) => Message[];
  /** What becomes of a text of the client; none for undefined, the end of the connection for a number. */
  toServer?: (text: string, message: Message | undefined) => string | number | undefined;
  /** What becomes of an answer. */
  head?: (
    head: { status: number; type: string },
    request: IncomingMessage,
  ) => { status: number; type: string };
  /** What becomes of each piece of its text. */
  body?: (text: string, request: IncomingMessage) => string;
}

/** Stands before a server that does everything right, and does one thing wrong. */
export async function mutatingProxy(url: string, mutation: Mutation) {
  const server = createServer((request, response) => void forward(url, mutation, { request, response }));
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => false });
  server.on("upgrade", (request, socket, head) => upgrade(url, mutation, { sockets, request, socket, head }));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function forward(
  url: string,
  { head, body }: Mutation,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
) {
  const abort = new AbortController();
  response.on("close", () => abort.abort());
  try {
    const { search } = new URL(request.url ?? "/", url);
    const { host: _, connection: __, "content-length": ___, ...headers } = request.headers;
    const answer = await fetch(url + search, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      signal: abort.signal,
      ...(request.method === "POST" && { body: new Uint8Array(await buffer(request)) }),
    });
    const as = { status: answer.status, type: answer.headers.get("content-type") ?? "" };
    const { status, type } = head?.(as, request) ?? as;
    response.writeHead(status, { "content-type": type }).flushHeaders();
    for await (const chunk of answer.body ?? []) {
      const text = new TextDecoder().decode(chunk as Uint8Array);
      response.write(body?.(text, request) ?? text);
    }
    response.end();
  } catch {
    response.destroy();
  }
}

interface Upgrade {
  sockets: WebSocketServer;
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
}

function upgrade(url: string, mutation: Mutation, { sockets, request, socket, head }: Upgrade) {
  const wanted = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const accept = (protocol: string, use: (client: WebSocket) => void) => {
    sockets.options.handleProtocols = () => protocol || false;
    sockets.handleUpgrade(request, socket, head, use);
  };
  if (mutation.acceptsEverybody && !wanted.includes("graphql-transport-ws"))
    return accept(wanted[0] ?? "", () => {});
  const upstream = new WebSocket(url.replace("http", "ws"), wanted);
  upstream.on("error", () => socket.destroy());
  upstream.once("open", () =>
    accept(mutation.protocol?.() ?? upstream.protocol, (client) =>
      join(client, upstream, { ...mutation, everybody: sockets.clients }),
    ),
  );
  return undefined;
}

/** Passes on what both say, changed. */
function join(
  client: WebSocket,
  upstream: WebSocket,
  {
    close,
    toClient,
    toServer,
    sharesFate = false,
    everybody,
  }: Mutation & { everybody: ReadonlySet<WebSocket> },
) {
  const isHeldUp = () =>
    sharesFate && [...everybody].some(({ bufferedAmount }) => bufferedAmount > 2_000_000);
  const end = (socket: WebSocket, code: number, reason = "") =>
    code === 1005 || code === 1006 ? socket.terminate() : socket.close(code, reason);
  upstream.on("message", (data: Buffer) => {
    if (isHeldUp()) return;
    const text = data.toString();
    const messages = toClient
      ? toClient(JSON.parse(text) as Message).map((each) => JSON.stringify(each))
      : [text];
    for (const each of messages) client.send(each);
  });
  upstream.on("close", (code, reason) => end(client, close?.(code) ?? code, reason.toString()));
  client.on("message", (data: Buffer) => {
    const text = data.toString();
    const passed = toServer ? toServer(text, parsed(text)) : text;
    if (typeof passed === "number") end(client, passed);
    else if (passed !== undefined && upstream.readyState === WebSocket.OPEN) upstream.send(passed);
  });
  client.on("close", () => upstream.terminate());
}

function parsed(text: string): Message | undefined {
  try {
    return JSON.parse(text) as Message;
  } catch {
    return undefined;
  }
}
