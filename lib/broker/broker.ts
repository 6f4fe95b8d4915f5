import { CodedError } from "../errors.ts";

/**
 * Where a message stands: which keeping of messages it is in, a slash, and numbers with dots between that grow with every
 * message of a topic. A broker that has lost what it kept begins a keeping of another name.
 */
export type Position = string;

/** A message of a topic. */
export interface BrokerMessage {
  position: Position;
  body: string;
}

/** A message on its way. */
export interface NewMessage {
  topic: string;
  /** Names the message: one that comes twice within ten minutes is kept once. */
  id: string;
  body: string;
}

/** What follows a position. */
export interface BrokerPage {
  /** Oldest first, without a hole. */
  messages: readonly BrokerMessage[];
  /** What followed the position is not known any more, or only in part: no messages then. */
  isLost: boolean;
}

/** Hears the messages of a topic as they come. */
export interface BrokerListener {
  message(message: BrokerMessage): void;
  /** There will be no more: whoever wants to go on listens again, and reads what came in between. */
  failed(error: CodedError): void;
}

export interface Listening {
  /** All that is kept behind this position will be heard. */
  from: Position;
  close(): void;
}

/** Keeps messages by topic, in order, for a while, and passes them on. */
export interface Broker {
  readonly kind: "memory" | "nats" | "redis";
  /** What is wrong with it, for people; undefined when nothing is. */
  readonly problem: string | undefined;
  /**
   * Resolves once the message is kept.
   *
   * @throws CodedError retryable while the broker is away; not retryable where it will never take this message
   */
  publish(message: NewMessage): Promise<void>;
  /**
   * The first messages of a topic behind a position.
   *
   * @throws CodedError retryable while the broker is away
   */
  read(topic: string, after: Position, limit: number): Promise<BrokerPage>;
  /**
   * Hears all messages of a topic from now on.
   *
   * @throws CodedError retryable while the broker is away; not retryable for a topic that it does not keep
   */
  listen(topic: string, listener: BrokerListener): Promise<Listening>;
  close(): Promise<void>;
}

/** How long a broker of ours keeps messages, and how many bytes of them. */
export interface Retention {
  seconds: number;
  bytes: number;
}

/** How long the id of a message is remembered, so that one that is published again is not kept again. */
export const REPEAT_WINDOW_MS = 600_000;

/** The broker does not answer; the same will work once it does. */
export const brokerAway = (cause?: unknown): CodedError =>
  new CodedError("SUBGRAPH_UNAVAILABLE", "The broker of the event streams is away", {
    retryable: true,
    cause,
  });

/** The broker answers, and will not do this. */
export const brokerRefuses = (what: string, cause?: unknown): CodedError =>
  new CodedError("SUBGRAPH_UNAVAILABLE", `The broker of the event streams ${what}`, {
    retryable: false,
    cause,
  });

export const positionAt = (keeping: string, at: string | number): Position => `${keeping}/${at}`;

/** The two parts of a position; undefined for a text that is none. */
export function partsOfPosition(position: Position): { keeping: string; at: string } | undefined {
  const [, keeping, at] = /^([a-z0-9]+)\/(\d{1,19}(?:\.\d{1,19})*)$/.exec(position) ?? [];
  return keeping === undefined || at === undefined ? undefined : { keeping, at };
}
