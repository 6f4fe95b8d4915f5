import { WebSocket } from "ws";
import { waitFor } from "../lib/wait.ts";
import { Failed } from "./rule.ts";
import type { Target } from "./target.ts";

export interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

interface Close {
  code: number;
  reason: string;
}

/** A client that speaks graphql-transport-ws by hand, to see every message and every close code. */
export interface Socket {
  raw: WebSocket;
  /** Everything that the server has sent. */
  messages: Message[];
  /** Sends a message, or a text as it is. */
  send: (message: unknown) => void;
  subscribe: (id: string, query: string, more?: object) => void;
  /** The next message of that type and id; waits for it. */
  next: (type: string, id?: string) => Promise<Message>;
  /** What has come for an id. */
  of: (id: string) => Message[];
  /** Waits until the server ends the connection. */
  closed: (timeoutMs?: number) => Promise<Close>;
  isOpen: () => boolean;
}

export interface SocketOptions {
  protocols?: readonly string[];
  /** Whether to initialise the connection and wait for the acknowledgement; default true. */
  initialise?: boolean;
}

/** Lets `use` speak with the server over a connection of its own, and closes that afterwards. */
export async function onSocket<T>(
  target: Target,
  use: (socket: Socket) => Promise<T>,
  options: SocketOptions = {},
): Promise<T> {
  const socket = await open(target, options);
  try {
    return await use(socket);
  } finally {
    socket.raw.terminate();
  }
}

/** Opens a connection that the caller closes. */
export async function open(target: Target, options: SocketOptions = {}): Promise<Socket> {
  const { protocols = ["graphql-transport-ws"], initialise = true } = options;
  const raw = new WebSocket(target.socketUrl, [...protocols], { headers: target.headers });
  const messages: Message[] = [];
  let close: Close | undefined;
  raw.on("message", (data) => messages.push(JSON.parse((data as Buffer).toString()) as Message));
  raw.on("close", (code, reason) => (close = { code, reason: String(reason) }));
  // The close event says it, too.
  raw.on("error", () => {});
  const wait = <V>(what: string, value: () => V | undefined, timeoutMs = target.timeoutMs) =>
    waitFor(value, { timeoutMs, what }).catch((error: unknown) => {
      const seen = close ? `; the server closed with ${close.code} ${close.reason}` : "";
      const last = messages.at(-1);
      const heard = last ? `; its last message: ${JSON.stringify(last).slice(0, 200)}` : "";
      throw new Failed(`${(error as Error).message}${seen}${heard}`);
    });
  const socket: Socket = {
    raw,
    messages,
    send: (message) => raw.send(typeof message === "string" ? message : JSON.stringify(message)),
    subscribe: (id, query, more = {}) => socket.send({ id, type: "subscribe", payload: { query, ...more } }),
    of: (id) => messages.filter((message) => message.id === id),
    next: (type, id) =>
      wait(`${type}${id === undefined ? "" : ` for ${JSON.stringify(id)}`}`, () =>
        messages.find((message) => message.type === type && (id === undefined || message.id === id)),
      ),
    closed: (timeoutMs) => wait("the server to close the connection", () => close, timeoutMs),
    isOpen: () => close === undefined,
  };
  await wait("the socket to open", () => raw.readyState !== WebSocket.CONNECTING || undefined);
  if (!initialise) return socket;
  if (close !== undefined || raw.readyState !== WebSocket.OPEN) await socket.next("connection_ack");
  socket.send({ type: "connection_init", ...(target.init && { payload: target.init }) });
  await socket.next("connection_ack");
  return socket;
}
