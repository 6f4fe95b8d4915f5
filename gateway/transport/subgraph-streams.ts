import type { ExecutionResult } from "graphql";
import type { Log } from "../../lib/log.ts";
import type { StreamOptions } from "./subgraph-options.ts";
import type { StreamMeter } from "./metrics.ts";
import { streamFailed } from "../errors/failures.ts";
import type { CallbackReceiver } from "./streams/callback-receiver.ts";
import { createCallbackStreams } from "./streams/callback-streams.ts";
import { createHttpStreams } from "./streams/http-streams.ts";
import { createSocketStreams } from "./streams/socket-streams.ts";
import {
  StreamFailure,
  type StreamProtocol,
  type StreamProtocolName,
  type StreamRequest,
  type StreamSettings,
  type StreamSink,
} from "./streams/stream-protocol.ts";

export interface SubgraphStreamsOptions extends StreamSettings {
  name: string;
  streams: StreamOptions;
  /** Goes into every `connection_init`. */
  connectionInit: Readonly<Record<string, unknown>>;
  /** Where subgraphs reach the gateway; undefined where the configuration names no such address. */
  callbacks: CallbackReceiver | undefined;
  isAlive: (timeoutMs: number) => Promise<boolean>;
  meter: StreamMeter;
  log: Log;
}

/** The streams of one subgraph, by whichever protocol it speaks. */
export interface SubgraphStreams {
  /**
   * One result per event.
   *
   * @throws CodedError SUBGRAPH_UNAVAILABLE, retryable when the same may work in a moment
   */
  subscribe(request: StreamRequest, onOpen?: () => void): AsyncIterableIterator<ExecutionResult>;
  close(): Promise<void>;
}

export function createSubgraphStreams(options: SubgraphStreamsOptions): SubgraphStreams {
  const protocols = protocolsFor(options);
  /** The protocol that worked last; the others are tried only when it turns out to be the wrong one. */
  let working = protocols.length === 1 ? 0 : undefined;
  let isAway = false;

  const opened = (index: number, protocol: StreamProtocolName) => {
    if (isAway || working !== index)
      options.log.info({ subgraph: options.name, protocol }, "a subgraph streams");
    isAway = false;
    working = index;
    options.meter.opened(protocol);
  };
  const failed = (failure: StreamFailure) => {
    options.meter.failed(failure.kind);
    if (isAway && failure.isPassing) return;
    isAway = failure.isPassing;
    options.log.warn(
      { subgraph: options.name, reason: failure.kind, problem: failure.message, err: failure.cause },
      failure.isPassing ? "the streams of a subgraph are away" : "a stream of a subgraph has ended for good",
    );
  };

  const open = (request: StreamRequest, sink: StreamSink): (() => void) => {
    const tried: string[] = [];
    let leave = () => {};
    const attempt = (index: number) => {
      const isDetecting = working === undefined;
      const isLast = index + 1 >= protocols.length;
      const opening = protocols[index]?.open(request, {
        ...sink,
        opened: (protocol) => {
          opened(index, protocol);
          sink.opened(protocol);
        },
        fail: (failure) => {
          if (failure.kind === "mismatch" && protocols.length > 1) {
            tried.push(failure.message);
            working = undefined;
            if (isDetecting && !isLast) return attempt(index + 1);
          }
          const told = isDetecting && tried.length > 0 ? noneOf(tried) : failure;
          failed(told);
          return sink.fail(told);
        },
      });
      if (opening) leave = opening;
    };
    attempt(working ?? 0);
    return () => leave();
  };

  return {
    subscribe: (request, onOpen) => iterate(open, { ...options, request, onOpen }),
    close: async () => {
      await Promise.all(protocols.map((protocol) => protocol.close()));
    },
  };
}

const noneOf = (tried: readonly string[]) =>
  new StreamFailure(
    "mismatch",
    `speaks none of the streaming protocols that were tried: it ${tried.join("; it ")}`,
  );

/** Trying is safe: a subscription changes nothing, and a callback address is given to nobody who was not meant to have it. */
function protocolsFor(options: SubgraphStreamsOptions): readonly StreamProtocol[] {
  const { streams } = options;
  const settings = { ...options, url: (streams.url ?? options.url).replace(/^ws/, "http") };
  const socket = (subprotocol: "graphql-transport-ws" | "graphql-ws") =>
    createSocketStreams({
      ...settings,
      subprotocol,
      connectionInit: (headers) => ({
        ...options.connectionInit,
        ...filledIn(streams.connectionInit, headers),
      }),
    });
  const overHttp = (...accepts: ("sse" | "multipart")[]) => createHttpStreams({ ...settings, accepts });
  const { protocol } = streams;
  if (protocol === "auto")
    return [socket("graphql-transport-ws"), socket("graphql-ws"), overHttp("sse", "multipart")];
  if (protocol === "callback")
    return [createCallbackStreams({ ...settings, receiver: callbacksOf(options) })];
  return [protocol === "sse" || protocol === "multipart" ? overHttp(protocol) : socket(protocol)];
}

function callbacksOf({ name, callbacks }: SubgraphStreamsOptions): CallbackReceiver {
  if (callbacks) return callbacks;
  throw new Error(
    `SUBGRAPHS_FILE: the subgraph "${name}" streams by callback; SUBSCRIPTION_CALLBACK_URL is missing`,
  );
}

/** `{"header": name}` anywhere in the payload becomes that header, or nothing where no rule has made it. */
function filledIn(
  payload: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(payload, (_key, value: unknown) => {
      if (typeof value !== "object" || value === null || Object.keys(value).length !== 1) return value;
      const { header } = value as { header?: unknown };
      return typeof header === "string" ? headers[header.toLowerCase()] : value;
    }),
  ) as Record<string, unknown>;
}

interface Iteration extends StreamSettings {
  name: string;
  request: StreamRequest;
  onOpen: (() => void) | undefined;
  meter: StreamMeter;
}

/** The subgraph says itself that the same may work in a moment, as while its database is away. Events have data, or say that it is null. */
const isRefusedForNow = ({ data, errors = [] }: ExecutionResult): boolean =>
  data === undefined &&
  errors.length > 0 &&
  errors.every(({ extensions }) => extensions?.["retryable"] === true);

type Ended = { failure: StreamFailure | undefined };

/**
 * A stream as somebody reads it. What comes while nobody reads waits, up to the size of one event; a reader that is
 * slower than that loses the stream, and knows it.
 */
function iterate(
  open: (request: StreamRequest, sink: StreamSink) => () => void,
  { name, request, onOpen, limitBytes, meter }: Iteration,
): AsyncIterableIterator<ExecutionResult> {
  const waiting: ExecutionResult[] = [];
  let waitingChars = 0;
  let wake = () => {};
  let leave: (() => void) | undefined;
  let ended: Ended | undefined;
  let protocol: StreamProtocolName | undefined;
  const end = (how: Ended) => {
    if (protocol !== undefined && !ended) meter.closed(protocol);
    ended ??= how;
    wake();
  };
  const sink: StreamSink = {
    opened: (name) => {
      protocol = name;
      onOpen?.();
    },
    next: (result) => {
      if (isRefusedForNow(result))
        return end({ failure: new StreamFailure("broken", "could not begin a subscription for now") });
      if (waiting.length > 0) waitingChars += JSON.stringify(result).length;
      waiting.push(result);
      wake();
      if (waitingChars <= limitBytes) return undefined;
      leave?.();
      return end({
        failure: new StreamFailure("size", `sent more than ${limitBytes} bytes before they were read`),
      });
    },
    end: () => end({ failure: undefined }),
    fail: (failure) => end({ failure }),
  };
  const next = async (): Promise<IteratorResult<ExecutionResult>> => {
    leave ??= open(request, sink);
    for (;;) {
      const [result] = waiting.splice(0, 1);
      if (waiting.length === 0) waitingChars = 0;
      if (result) return { value: result, done: false };
      if (ended?.failure) throw streamFailed(name, ended.failure);
      if (ended) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const stream: AsyncIterableIterator<ExecutionResult> = {
    next,
    return: async () => {
      if (!ended) leave?.();
      waiting.length = 0;
      end({ failure: undefined });
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}
