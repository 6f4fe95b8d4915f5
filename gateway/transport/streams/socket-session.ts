import type { IncomingMessage } from "node:http";
import { WebSocket, type RawData } from "ws";
import { messageOf, systemCodeOf } from "../../../lib/errors.ts";
import {
  isErrorList,
  lookEveryMs,
  notOpenedIn,
  parsedJson,
  quietLimitMs,
  resultFrom,
  silentFor,
  StreamFailure,
  tooLargeEvent,
  type StreamRequest,
  type StreamSettings,
  type StreamSink,
} from "./stream-protocol.ts";

/** What the two subprotocols call the same things; all else they have in common. */
const DIALECTS = {
  "graphql-transport-ws": { start: "subscribe", next: "next", stop: "complete" },
  "graphql-ws": { start: "start", next: "data", stop: "stop" },
} as const;

export type Subprotocol = keyof typeof DIALECTS;

export interface SessionSettings extends StreamSettings {
  subprotocol: Subprotocol;
  /** Of the upgrade. */
  headers: Readonly<Record<string, string>>;
  /** The payload of `connection_init`. */
  connectionInit: Readonly<Record<string, unknown>>;
  /** The session is over. */
  onClose: () => void;
}

interface Message {
  type?: unknown;
  id?: unknown;
  payload?: unknown;
}

/** How long a socket stays open that nobody uses. */
const IDLE_MS = 1_000;

/**
 * One WebSocket with many subscriptions on it. It is never opened again: when it fails, so do all its streams, each
 * with the reason. Pings are the frames of WebSocket itself, which any server answers.
 */
export class SocketSession {
  readonly #settings: SessionSettings;
  readonly #socket: WebSocket;
  readonly #streams = new Map<string, { payload: StreamRequest["payload"]; sink: StreamSink }>();
  readonly #looking: NodeJS.Timeout;
  #opening: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isReady = false;
  #isOver = false;
  #lastId = 0;
  #heardAtMs = performance.now();

  constructor(settings: SessionSettings) {
    this.#settings = settings;
    this.#socket = new WebSocket(settings.url.replace(/^http/, "ws"), settings.subprotocol, {
      headers: settings.headers,
      maxPayload: settings.limitBytes,
      // Compression costs more CPU than the bytes are worth between neighbours.
      perMessageDeflate: false,
    });
    const limitMs = quietLimitMs(settings);
    this.#opening = setTimeout(() => this.#over(notOpenedIn(limitMs)), limitMs);
    this.#looking = setInterval(() => this.#look(), lookEveryMs(settings));
    this.#listen();
  }

  /** Subscribes now, or as soon as the subgraph has let us in; returns how to leave. */
  subscribe(payload: StreamRequest["payload"], sink: StreamSink): () => void {
    clearTimeout(this.#idle);
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.#streams.set(id, { payload, sink });
    if (this.#isReady) this.#start(id);
    return () => this.#leave(id);
  }

  close(): void {
    this.#over(new StreamFailure("broken", "is left alone, for the gateway stops"));
  }

  #listen(): void {
    const heard = () => {
      this.#heardAtMs = performance.now();
    };
    this.#socket.on("open", () =>
      this.#send({ type: "connection_init", payload: this.#settings.connectionInit }),
    );
    this.#socket.on("ping", heard).on("pong", heard);
    this.#socket.on("message", (data, isBinary) => {
      heard();
      this.#received(data, isBinary);
    });
    this.#socket.on("unexpected-response", (_request, response) => this.#over(upgradeFailure(response)));
    this.#socket.on("error", (error) => this.#over(socketFailure(error, this.#settings.limitBytes)));
    this.#socket.on("close", (code, reason) =>
      this.#over(closeFailure(code, reason.toString("utf8"), this.#isReady)),
    );
  }

  #look(): void {
    const quietMs = performance.now() - this.#heardAtMs;
    if (quietMs > quietLimitMs(this.#settings)) this.#over(silentFor(quietMs));
    else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
  }

  #received(data: RawData, isBinary: boolean): void {
    try {
      if (isBinary) throw new StreamFailure("garbage", "sent a binary message");
      const message = parsedJson((data as Buffer).toString("utf8"));
      if (typeof message !== "object" || message === null)
        throw new StreamFailure("garbage", "sent a message that is no object");
      this.#take(message);
    } catch (error) {
      this.#over(error instanceof StreamFailure ? error : brokenBy(error));
    }
  }

  #take({ type, id, payload }: Message): void {
    switch (type) {
      case "connection_ack":
        return this.#ready();
      case "connection_error":
        throw new StreamFailure("refused", `refused the connection: ${wordsIn(payload)}`);
      case "ping":
        return this.#send({ type: "pong" });
      case "pong":
      case "ka":
        return undefined;
      case DIALECTS[this.#settings.subprotocol].next:
        return this.#event(String(id), payload);
      case "error":
        return this.#refused(String(id), payload);
      case "complete":
        return this.#removed(String(id))?.end();
      default:
        throw new StreamFailure(
          "garbage",
          `sent a message of the type ${JSON.stringify(type)?.slice(0, 40)}`,
        );
    }
  }

  #ready(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    clearTimeout(this.#opening);
    for (const id of this.#streams.keys()) this.#start(id);
  }

  #start(id: string): void {
    const stream = this.#streams.get(id);
    if (!stream) return;
    const { subprotocol } = this.#settings;
    this.#send({ id, type: DIALECTS[subprotocol].start, payload: stream.payload });
    stream.sink.opened(subprotocol);
  }

  #event(id: string, payload: unknown): void {
    // Whoever has just left may still get what was under way.
    const stream = this.#streams.get(id);
    if (!stream) return;
    try {
      stream.sink.next(resultFrom(payload));
    } catch (error) {
      this.#leave(id);
      stream.sink.fail(error instanceof StreamFailure ? error : brokenBy(error));
    }
  }

  /** The errors of one subscription: a list, or as the older protocol has it, a single one. */
  #refused(id: string, payload: unknown): void {
    const sink = this.#removed(id);
    const errors = Array.isArray(payload) ? payload : [payload];
    if (!isErrorList(errors))
      return sink?.fail(new StreamFailure("garbage", "refused a subscription without an error"));
    sink?.next({ errors });
    sink?.end();
  }

  /** The sink of a stream that is over. */
  #removed(id: string): StreamSink | undefined {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    this.#whenIdle();
    return stream?.sink;
  }

  #leave(id: string): void {
    if (!this.#streams.has(id)) return;
    this.#removed(id);
    if (this.#isReady) this.#send({ id, type: DIALECTS[this.#settings.subprotocol].stop });
  }

  #whenIdle(): void {
    if (this.#streams.size > 0 || this.#isOver) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), IDLE_MS);
    this.#idle.unref();
  }

  #send(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #over(failure: StreamFailure): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#opening);
    clearTimeout(this.#idle);
    clearInterval(this.#looking);
    this.#settings.onClose();
    // A subgraph that is frozen would not answer a farewell either.
    if (failure.kind === "silent") this.#socket.terminate();
    else this.#socket.close();
    const sinks = [...this.#streams.values()].map(({ sink }) => sink);
    this.#streams.clear();
    for (const sink of sinks) sink.fail(failure);
  }
}

const brokenBy = (error: unknown) => new StreamFailure("broken", "broke its stream off", error);

const wordsIn = (payload: unknown): string => {
  const { message } = (typeof payload === "object" && payload !== null ? payload : {}) as {
    message?: unknown;
  };
  return typeof message === "string" ? message.slice(0, 200) : "it said no reason";
};

/** What answers the upgrade in place of a WebSocket. */
function upgradeFailure({ statusCode = 0 }: IncomingMessage): StreamFailure {
  const said = `answered the upgrade to WebSocket with HTTP ${statusCode}`;
  if (statusCode === 401 || statusCode === 403) return new StreamFailure("refused", said);
  const isPassing = statusCode >= 500 && statusCode !== 501;
  return new StreamFailure(
    isPassing || statusCode === 408 || statusCode === 429 ? "broken" : "mismatch",
    said,
  );
}

function socketFailure(error: Error, limitBytes: number): StreamFailure {
  if (systemCodeOf(error) === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") return tooLargeEvent(limitBytes);
  if (systemCodeOf(error)?.startsWith("WS_ERR_") === true)
    return new StreamFailure("garbage", "sent frames that are not those of a WebSocket", error);
  if (/subprotocol|Sec-WebSocket-Accept|Upgrade header/i.test(messageOf(error)))
    return new StreamFailure("mismatch", "did not agree to the subprotocol", error);
  return new StreamFailure("broken", "cannot be reached", error);
}

/** Close codes by which a server says that it speaks another subprotocol, or does not let us in. */
const MISMATCHES = new Set([1002, 4406]);
const REFUSALS = new Set([4400, 4401, 4403]);

function closeFailure(code: number, reason: string, isReady: boolean): StreamFailure {
  const said = `closed its socket with ${code}${reason === "" ? "" : ` (${reason.slice(0, 100)})`}`;
  if (!isReady && MISMATCHES.has(code)) return new StreamFailure("mismatch", said);
  if (!isReady && REFUSALS.has(code)) return new StreamFailure("refused", said);
  return new StreamFailure("broken", said);
}
