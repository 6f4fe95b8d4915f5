import type { Broker, BrokerListener, BrokerMessage, Listening, Position } from "../../lib/broker/broker.ts";
import { partsOfPosition } from "../../lib/broker/broker.ts";
import type { CodedError } from "../../lib/errors.ts";

/** A message of a topic, or that some before it are lost. */
type TopicItem = { message: BrokerMessage } | { lostBefore: Position };

/** The topics of a broker; those who follow the same one share what listens to it. */
export interface Topics {
  /**
   * All messages behind a position, or from now on, each once and in order; goes on until it is closed.
   *
   * @param onOpen told from where on it follows
   * @throws CodedError retryable while the broker is away: whoever follows again from the last position misses nothing
   */
  follow(
    topic: string,
    after: Position | undefined,
    onOpen: (from: Position) => void,
  ): AsyncIterableIterator<TopicItem>;
  read: Broker["read"];
  /** How many are listened to. */
  open(): number;
}

export function createTopics(broker: Broker): Topics {
  const shared = new Map<string, SharedTopic>();
  const join = (topic: string): SharedTopic => {
    const known = shared.get(topic) ?? new SharedTopic(broker, topic, () => shared.delete(topic));
    shared.set(topic, known);
    return known;
  };
  return {
    follow: (topic, after, onOpen) =>
      new Follower({
        topic,
        after,
        onOpen,
        join: () => join(topic),
        read: (...of) => broker.read(...of, PAGE),
      }),
    read: (topic, after, limit) => broker.read(topic, after, limit),
    open: () => [...shared.values()].filter(({ isOpen }) => isOpen).length,
  };
}

const PAGE = 64;

/** -1, 0 or 1 as a position is before, at or behind another; undefined when they are of different keepings. */
export function comparePositions(a: Position, b: Position): number | undefined {
  const [one, other] = [partsOfPosition(a), partsOfPosition(b)];
  if (!one || !other || one.keeping !== other.keeping) return undefined;
  const [left, right] = [one.at.split(".").map(BigInt), other.at.split(".").map(BigInt)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [l, r] = [left[index] ?? 0n, right[index] ?? 0n];
    if (l !== r) return l < r ? -1 : 1;
  }
  return 0;
}

/** One listening at the broker for all who follow a topic. */
class SharedTopic implements BrokerListener {
  readonly #followers = new Set<Follower>();
  readonly #listening: Promise<Listening>;
  readonly #onEnd: () => void;
  #last: Position | undefined;
  #isOver = false;
  isOpen = false;

  constructor(broker: Broker, topic: string, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#listening = broker.listen(topic, this);
    this.#listening.catch((error: unknown) => this.failed(error as CodedError));
  }

  /** From where on the follower hears everything. */
  async add(follower: Follower): Promise<Position> {
    this.#followers.add(follower);
    const { from } = await this.#listening;
    this.isOpen = true;
    return this.#last ?? from;
  }

  remove(follower: Follower): void {
    this.#followers.delete(follower);
    if (this.#followers.size === 0) this.#end();
  }

  message(message: BrokerMessage): void {
    this.#last = message.position;
    for (const follower of this.#followers) follower.message(message);
  }

  failed(error: CodedError): void {
    const followers = [...this.#followers];
    this.#followers.clear();
    this.#end();
    for (const follower of followers) follower.failed(error);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
    this.#listening.then(
      (listening) => listening.close(),
      () => {},
    );
  }
}

interface Following {
  topic: string;
  after: Position | undefined;
  onOpen: (from: Position) => void;
  join: () => SharedTopic;
  read: (topic: string, after: Position) => ReturnType<Broker["read"]>;
}

/** Messages that may wait for one who follows; beyond that they are read again from the broker, which keeps them. */
const WAITING_MAX = 256;

/** Reads what is behind a position until there is no more, then takes what comes. */
class Follower implements AsyncIterableIterator<TopicItem> {
  readonly #spec: Following;
  #shared: SharedTopic | undefined;
  #at: Position | undefined;
  #isReading = false;
  #queue: TopicItem[] = [];
  #waiting: BrokerMessage[] = [];
  #wake: (() => void) | undefined;
  #error: CodedError | undefined;
  #isClosed = false;

  constructor(spec: Following) {
    this.#spec = spec;
    this.#at = spec.after;
    this.#isReading = spec.after !== undefined;
  }

  message(message: BrokerMessage): void {
    if (this.#waiting.length >= WAITING_MAX) {
      this.#waiting = [];
      this.#isReading = true;
    } else this.#waiting.push(message);
    this.#wake?.();
  }

  failed(error: CodedError): void {
    this.#error = error;
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<TopicItem>> {
    if (!this.#shared && !this.#isClosed) {
      this.#shared = this.#spec.join();
      const from = await this.#shared.add(this);
      this.#at ??= from;
      this.#spec.onOpen(from);
    }
    for (;;) {
      if (this.#isClosed) return { value: undefined, done: true };
      if (this.#error) throw this.#error;
      const item = this.#queue.shift() ?? (this.#isReading ? undefined : this.#taken());
      if (item) {
        this.#at = "message" in item ? item.message.position : item.lostBefore;
        return { value: item, done: false };
      }
      if (this.#isReading) await this.#readOn();
      else await this.#news();
    }
  }

  async return(): Promise<IteratorResult<TopicItem>> {
    this.#isClosed = true;
    this.#shared?.remove(this);
    this.#wake?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The first of those that came and are not known yet. */
  #taken(): TopicItem | undefined {
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      const order = this.#at === undefined ? 1 : comparePositions(message.position, this.#at);
      if (order === undefined) {
        this.#queue.push({ message });
        return { lostBefore: message.position };
      }
      if (order > 0) return { message };
    }
    return undefined;
  }

  async #readOn(): Promise<void> {
    const { topic, read } = this.#spec;
    const after = this.#at ?? "";
    // What comes while we read may be more than waits; then we read on.
    this.#isReading = false;
    const { messages, isLost } = await read(topic, after);
    if (isLost) {
      const latest = await this.#shared?.add(this);
      this.#waiting = [];
      if (latest !== undefined) this.#queue.push({ lostBefore: latest });
    } else {
      this.#queue.push(...messages.map((message) => ({ message })));
      this.#isReading ||= messages.length > 0;
    }
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }
}
