import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import {
  partsOfPosition,
  positionAt,
  REPEAT_WINDOW_MS,
  type Broker,
  type BrokerListener,
  type BrokerMessage,
  type BrokerPage,
  type Listening,
  type Position,
  type Retention,
} from "./broker.ts";

interface Kept {
  message: BrokerMessage;
  topic: Topic;
  nth: number;
  bytes: number;
  atMs: number;
}

interface Topic {
  messages: Kept[];
  listeners: Set<BrokerListener>;
  /** The last message that is not kept any more. */
  forgotten: number;
}

const IDS_MAX = 100_000;

/** Keeps messages in this process, for whoever is in it: what `npm start` runs on. */
export function createMemoryBroker(retention: Retention, clock: Pick<Clock, "monotonicMs">): Broker {
  const kept = new KeptMessages(retention, clock);
  const seen = new LRUCache<string, true>({
    maxSize: IDS_MAX,
    sizeCalculation: () => 1,
    ttl: REPEAT_WINDOW_MS,
  });
  return {
    kind: "memory",
    problem: undefined,
    publish: async ({ topic, id, body }) => {
      if (seen.has(id)) return;
      seen.set(id, true);
      kept.add(topic, body);
    },
    read: async (topic, after, limit) => kept.page(topic, after, limit),
    listen: async (topic, listener) => kept.listen(topic, listener),
    close: async () => {},
  };
}

class KeptMessages {
  readonly #keeping = randomBytes(6).toString("hex");
  readonly #topics = new Map<string, Topic>();
  readonly #inOrder: Kept[] = [];
  readonly #retention: Retention;
  readonly #clock: Pick<Clock, "monotonicMs">;
  #count = 0;
  #bytes = 0;

  constructor(retention: Retention, clock: Pick<Clock, "monotonicMs">) {
    this.#retention = retention;
    this.#clock = clock;
  }

  add(name: string, body: string): void {
    this.#count += 1;
    const topic = this.#topicOf(name);
    const message = { position: positionAt(this.#keeping, this.#count), body };
    const bytes = Buffer.byteLength(body);
    const kept = { message, topic, nth: this.#count, bytes, atMs: this.#clock.monotonicMs() };
    topic.messages.push(kept);
    this.#inOrder.push(kept);
    this.#bytes += bytes;
    this.#forget();
    for (const listener of topic.listeners) listener.message(message);
  }

  page(name: string, after: Position, limit: number): BrokerPage {
    this.#forget();
    const from = partsOfPosition(after);
    const nth = Number(from?.at);
    const { messages, forgotten } = this.#topicOf(name);
    const isKnown = from?.keeping === this.#keeping && nth <= this.#count && nth >= forgotten;
    if (!isKnown) return { messages: [], isLost: true };
    const missed = messages.filter((kept) => kept.nth > nth).slice(0, limit);
    return { messages: missed.map(({ message }) => message), isLost: false };
  }

  listen(name: string, listener: BrokerListener): Listening {
    const { listeners } = this.#topicOf(name);
    listeners.add(listener);
    return {
      from: positionAt(this.#keeping, this.#count),
      close: () => void listeners.delete(listener),
    };
  }

  /** What is too old, or too much for all topics together, goes in the order in which it came. */
  #forget(): void {
    const oldestMs = this.#clock.monotonicMs() - this.#retention.seconds * 1000;
    const isOver = ({ atMs }: Kept) => this.#bytes > this.#retention.bytes || atMs < oldestMs;
    let past = 0;
    for (const kept of this.#inOrder) {
      if (!isOver(kept)) break;
      past += 1;
      this.#bytes -= kept.bytes;
      kept.topic.messages.shift();
      kept.topic.forgotten = kept.nth;
    }
    this.#inOrder.splice(0, past);
  }

  #topicOf(name: string): Topic {
    const topic = this.#topics.get(name) ?? { messages: [], listeners: new Set(), forgotten: 0 };
    this.#topics.set(name, topic);
    return topic;
  }
}
