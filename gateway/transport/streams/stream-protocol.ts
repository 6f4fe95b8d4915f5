import type { ExecutionResult } from "graphql";

/** The ways in which subgraphs stream, by the names that the configuration, metrics and log lines use. */
export const STREAM_PROTOCOLS = [
  "graphql-transport-ws",
  "graphql-ws",
  "sse",
  "multipart",
  "callback",
] as const;

export type StreamProtocolName = (typeof STREAM_PROTOCOLS)[number];

/** A subscription as it goes to a subgraph. */
export interface StreamRequest {
  payload: {
    query: string;
    variables?: Readonly<Record<string, unknown>>;
    operationName?: string;
    extensions?: Readonly<Record<string, unknown>>;
  };
  /** Everything that the subgraph is told of the caller over HTTP. */
  headers: Readonly<Record<string, string>>;
  /** The part of it that differs between callers by the header rules; sockets are shared by those with equal ones. */
  ruledHeaders: Readonly<Record<string, string>>;
}

/**
 * Why a stream is over without having been completed.
 *
 * - `broken`, `silent`: the subgraph is away for now
 * - `mismatch`: it does not speak this protocol at this address
 * - `refused`: it does not let the gateway in
 * - `garbage`, `size`: what it said cannot be read, or is more than may be read
 */
export type FailureKind = "broken" | "silent" | "mismatch" | "refused" | "garbage" | "size";

/** A stream's failure; its message completes the sentence `The subgraph "x" …`. */
export class StreamFailure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.kind = kind;
  }

  /** Whether the same may work in a moment. */
  get isPassing(): boolean {
    return this.kind === "broken" || this.kind === "silent";
  }
}

/** Who is told what happens to a stream; after `end` or `fail` nothing more comes. */
export interface StreamSink {
  /** The subgraph has taken the subscription. */
  opened(protocol: StreamProtocolName): void;
  next(result: ExecutionResult): void;
  end(): void;
  fail(failure: StreamFailure): void;
}

/** One way of streaming, to one subgraph. Every stream is opened once; whoever wants to go on opens another. */
export interface StreamProtocol {
  /** Returns how to leave; nothing is told any more after that. */
  open(request: StreamRequest, sink: StreamSink): () => void;
  close(): Promise<void>;
}

/** What every protocol has to know. */
export interface StreamSettings {
  url: string;
  /** Largest event. */
  limitBytes: number;
  /** Within this time a subgraph that says nothing is noticed. */
  silenceMs: number;
}

/** How often a stream is looked at, and how long nothing may be heard: together they stay below the silence allowed. */
export const lookEveryMs = ({ silenceMs }: StreamSettings): number => Math.ceil(silenceMs / 4);
export const quietLimitMs = ({ silenceMs }: StreamSettings): number => Math.ceil(silenceMs / 2);

export const silentFor = (ms: number): StreamFailure =>
  new StreamFailure("silent", `has given no sign of life on its stream for ${seconds(ms)} s`);

export const notOpenedIn = (ms: number): StreamFailure =>
  new StreamFailure("silent", `did not open a stream within ${seconds(ms)} s`);

export const tooLargeEvent = (limitBytes: number): StreamFailure =>
  new StreamFailure("size", `sent an event of more than ${limitBytes} bytes`);

const seconds = (ms: number) => Math.round(ms / 100) / 10;

/**
 * The GraphQL result in what came as one event.
 *
 * @throws StreamFailure when there is none in it
 */
export function resultFrom(value: unknown): ExecutionResult {
  if (isResult(value)) return value;
  throw new StreamFailure("garbage", "sent an event that is no GraphQL result");
}

/** @throws StreamFailure when it is not JSON */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StreamFailure("garbage", "sent an event that is not JSON", cause);
  }
}

/** Whether something is an object with `data`, or with errors that have messages. */
export function isResult(value: unknown): value is ExecutionResult {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { data, errors } = value as Record<string, unknown>;
  if (errors !== undefined && errors !== null && !isErrorList(errors)) return false;
  if (data === undefined || data === null) return isErrorList(errors) && errors.length > 0;
  return typeof data === "object" && !Array.isArray(data);
}

export const isErrorList = (value: unknown): value is NonNullable<ExecutionResult["errors"]> =>
  Array.isArray(value) &&
  value.every(
    (error) => typeof error === "object" && error !== null && typeof (error as Error).message === "string",
  );
