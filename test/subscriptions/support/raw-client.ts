import { WebSocket, type ClientOptions } from "ws";
import type { FormattedExecutionResult } from "graphql";
import { waitFor } from "../../../lib/wait.ts";

export interface Message {
  type: string;
  id?: string;
  payload?: FormattedExecutionResult & Record<string, unknown>;
}

/** A client that speaks the protocol by hand, to see every message and every close code. */
export interface RawClient {
  messages: Message[];
  socket: WebSocket;
  send(message: unknown): void;
  /** The events of one operation. */
  events(id: string): FormattedExecutionResult[];
  closed(): Promise<{ code: number; reason: string }>;
  next(type: string, id?: string): Promise<Message>;
}

export interface RawOptions {
  protocols?: string[];
  options?: ClientOptions;
  authorization?: string;
  /** Whether to send connection_init and wait for the answer; default true. */
  initialise?: boolean;
}

/** A machine that is busy with many clients may take its time. */
const CONNECTING = { what: "a connection" };

export async function rawClient(url: string, settings: RawOptions = {}): Promise<RawClient> {
  const { protocols = ["graphql-transport-ws"], options = {}, authorization, initialise = true } = settings;
  const socket = new WebSocket(url, protocols, options);
  const messages: Message[] = [];
  let end: { code: number; reason: string } | undefined;
  socket.on("message", (data) => messages.push(JSON.parse((data as Buffer).toString()) as Message));
  socket.on("close", (code, reason) => (end = { code, reason: String(reason) }));
  socket.on("error", () => {});
  const client: RawClient = {
    messages,
    socket,
    send: (message) => socket.send(typeof message === "string" ? message : JSON.stringify(message)),
    events: (id) => messages.filter((m) => m.type === "next" && m.id === id).map((m) => m.payload ?? {}),
    closed: () => waitFor(() => end, { what: "the socket to close" }),
    next: (type, id) =>
      waitFor(() => messages.find((m) => m.type === type && (id === undefined || m.id === id)), {
        what: `${type} ${id ?? ""}`,
      }),
  };
  await waitFor(() => socket.readyState !== WebSocket.CONNECTING, CONNECTING);
  if (initialise && socket.readyState === WebSocket.OPEN) {
    client.send({ type: "connection_init", ...(authorization && { payload: { authorization } }) });
    const isAnswered = () => messages.some(({ type }) => type === "connection_ack") || end !== undefined;
    await waitFor(isAnswered, CONNECTING);
  }
  return client;
}

export const subscribe = (id: string, query: string, payload: Record<string, unknown> = {}) => ({
  id,
  type: "subscribe",
  payload: { query, ...payload },
});
