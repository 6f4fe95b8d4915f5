import { randomBytes } from "node:crypto";
import { isCodedError, messageOf, publicReason } from "../errors.ts";
import type { Log } from "../log.ts";
import { redisClient } from "../redis-packages.ts";
import {
  brokerAway,
  brokerRefuses,
  partsOfPosition,
  positionAt,
  REPEAT_WINDOW_MS,
  type Broker,
  type BrokerListener,
  type BrokerPage,
  type Listening,
  type NewMessage,
  type Retention,
} from "./broker.ts";

export interface RedisOptions {
  /** `redis://host:port/database` */
  url: string;
  /** Begins the names of keys that are ours beside the topics. */
  stream: string;
  retention: Retention;
  log: Log;
}

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** How long a reading waits for something to come; a server that is silent for three times as long is taken for dead. */
const BLOCK_MS = 1_000;
const MESSAGES_AT_ONCE = 256;
/** The field of an entry that holds the message. */
const FIELD = "message";
/** What comes after the name of a moment, where a topic has no entry to name: real ones never count so far within a millisecond. */
const NO_ENTRY = "4294967295";

/**
 * Messages in streams of Redis, one for each topic, named like it. Comes back by itself when the server was away. One
 * connection waits for all topics that are listened to.
 */
export function createRedisBroker(options: RedisOptions): Broker {
  const line = new RedisLine(options);
  return {
    kind: "redis",
    get problem() {
      return line.problem;
    },
    publish: (message) => line.use(() => line.publish(message)),
    read: (topic, after, limit) => line.use(() => line.read(topic, { after, limit })),
    listen: (topic, listener) => line.use(() => line.listen(topic, listener)),
    close: async () => line.close(),
  };
}

/** A topic without news is let go after so many times the retention. */
const EXPIRES_AFTER = 2;

/** Keeps the message unless one with this id came before, and lets go of what is too old or too much. */
const PUBLISH = `
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[2]) == false then return 0 end
local seconds = tonumber(redis.call('TIME')[1])
redis.call('XADD', KEYS[1], '*', '${FIELD}', ARGV[1])
redis.call('XTRIM', KEYS[1], 'MINID', tostring((seconds - tonumber(ARGV[3])) * 1000))
local used = redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', '0')
while used > tonumber(ARGV[4]) and redis.call('XLEN', KEYS[1]) > 1 do
  redis.call('XTRIM', KEYS[1], 'MAXLEN', math.ceil(redis.call('XLEN', KEYS[1]) / 2))
  used = redis.call('MEMORY', 'USAGE', KEYS[1], 'SAMPLES', '0')
end
redis.call('EXPIRE', KEYS[1], tonumber(ARGV[3]) * ${EXPIRES_AFTER})
return 1`;

interface Followed {
  /** The last entry that was heard. */
  last: string;
  listeners: Set<BrokerListener>;
}

class RedisLine {
  problem: string | undefined = "Redis is away: it has not answered yet";
  readonly #options: RedisOptions;
  readonly #asking: Connection;
  readonly #waiting: Connection;
  readonly #followed = new Map<string, Followed>();
  #readerId: number | undefined;
  #isReading = false;
  #isNudged = false;
  #isClosed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
    this.#asking = connectionTo(options.url);
    this.#waiting = this.#asking.duplicate();
    for (const client of [this.#asking, this.#waiting]) {
      client.on("error", (error: unknown) => this.#lost(error));
      client.on("ready", () => void this.#found().catch((error: unknown) => this.#lost(error)));
      client.connect().catch((error: unknown) => this.#lost(error));
    }
  }

  /** Does something at the server; what it throws is told in our terms. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.problem !== undefined || this.#isClosed) throw brokerAway();
    try {
      return await work();
    } catch (error) {
      if (isCodedError(error)) throw error;
      if (messageOf(error).startsWith("WRONGTYPE"))
        throw brokerRefuses("has something else under the topic's name", error);
      throw brokerAway(error);
    }
  }

  async publish({ topic, id, body }: NewMessage): Promise<void> {
    const { stream, retention } = this.#options;
    await this.#asking.eval(PUBLISH, {
      keys: [topic, `${stream}:seen:${id}`],
      arguments: [body, String(REPEAT_WINDOW_MS), String(retention.seconds), String(retention.bytes)],
    });
  }

  async read(topic: string, { after, limit }: { after: string; limit: number }): Promise<BrokerPage> {
    const keeping = await this.#keeping();
    const from = partsOfPosition(after);
    const lost: BrokerPage = { messages: [], isLost: true };
    if (from?.keeping !== keeping) return lost;
    const last = from.at.replace(".", "-");
    const entries = await this.#asking.xRange(topic, `(${last}`, "+", { COUNT: limit });
    // Asked afterwards: what went before or while we read may have been ours.
    if (await this.#hasForgotten(topic, last)) return lost;
    return { messages: entries.map((entry) => readEntry(keeping, entry)), isLost: false };
  }

  async listen(topic: string, listener: BrokerListener): Promise<Listening> {
    const keeping = await this.#keeping();
    const last = (await this.#figures(topic))?.last ?? (await this.#justNow());
    const followed = this.#followed.get(topic) ?? { last, listeners: new Set() };
    followed.listeners.add(listener);
    this.#followed.set(topic, followed);
    this.#nudge();
    return {
      from: positionAt(keeping, followed.last.replace("-", ".")),
      close: () => {
        followed.listeners.delete(listener);
        if (followed.listeners.size === 0 && this.#followed.get(topic) === followed)
          this.#followed.delete(topic);
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#followed.clear();
    for (const client of [this.#asking, this.#waiting]) client.destroy();
  }

  /** A server that was emptied has lost this name too. */
  async #keeping(): Promise<string> {
    const name = randomBytes(6).toString("hex");
    const key = `${this.#options.stream}:keeping`;
    return (await this.#asking.set(key, name, { condition: "NX", GET: true })) ?? name;
  }

  async #hasForgotten(topic: string, last: string): Promise<boolean> {
    const [ms = "", nth] = last.split("-");
    // A topic that nobody writes to any more is gone after that time, with all that is known of it.
    if (Number(ms) < Date.now() - this.#options.retention.seconds * EXPIRES_AFTER * 1000) return true;
    const figures = await this.#figures(topic);
    if (!figures) return nth !== NO_ENTRY;
    return !figures.isWhole && isBefore(last, figures.first);
  }

  /** A position before all that is to come. */
  async #justNow(): Promise<string> {
    const [seconds, microseconds] = await this.#asking.time();
    return `${Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) - 1}-${NO_ENTRY}`;
  }

  /** A stream's oldest and newest entry, and whether it has all that it ever had; undefined for one that is not there. */
  async #figures(topic: string): Promise<{ first: string; last: string; isWhole: boolean } | undefined> {
    try {
      const info = await this.#asking.xInfoStream(topic);
      const first = info["first-entry"]?.id ?? info["last-generated-id"];
      const isWhole = info["entries-added"] === info.length;
      return { first, last: info["last-generated-id"], isWhole };
    } catch (error) {
      if (messageOf(error).includes("no such key")) return undefined;
      throw error;
    }
  }

  async #found(): Promise<void> {
    if (!this.#asking.isReady || !this.#waiting.isReady) return;
    this.#readerId = await this.#waiting.clientId();
    if (this.problem !== undefined) this.#options.log.info("the broker of the event streams is there");
    this.problem = undefined;
    void this.#hear();
  }

  #lost(error: unknown): void {
    if (this.#isClosed) return;
    if (this.problem === undefined)
      this.#options.log.warn({ err: error }, "the broker of the event streams is away");
    this.problem = publicReason("Redis is away", error);
    const followed = [...this.#followed.values()];
    this.#followed.clear();
    for (const { listeners } of followed) for (const each of listeners) each.failed(brokerAway(error));
  }

  /** Waits for what comes, for as long as anybody listens. */
  async #hear(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#followed.size > 0 && this.problem === undefined && !this.#isClosed) {
        this.#isNudged = false;
        const streams = [...this.#followed].map(([key, { last }]) => ({ key, id: last }));
        const found = await this.#waiting.xRead(streams, { BLOCK: BLOCK_MS, COUNT: MESSAGES_AT_ONCE });
        for (const { name, messages } of (found as Found | null) ?? []) await this.#tell(name, messages);
      }
    } catch (error) {
      this.#lost(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #tell(topic: string, entries: readonly Entry[]): Promise<void> {
    const keeping = await this.#keeping();
    const followed = this.#followed.get(topic);
    if (!followed) return;
    for (const entry of entries) {
      followed.last = entry.id;
      for (const listener of followed.listeners) listener.message(readEntry(keeping, entry));
    }
  }

  /** Has the connection that waits look at all topics again. */
  #nudge(): void {
    if (!this.#isReading) return void this.#hear();
    this.#isNudged = true;
    const again = () => {
      if (!this.#isNudged || this.#isClosed || this.#readerId === undefined) return;
      this.#asking.sendCommand(["CLIENT", "UNBLOCK", String(this.#readerId)]).catch(() => {});
      // It may just have begun to wait.
      setTimeout(again, 5).unref();
    };
    again();
  }
}

interface Entry {
  id: string;
  message: Readonly<Record<string, string>>;
}
type Found = readonly { name: string; messages: readonly Entry[] }[];

/** An entry of another make is passed on as it is, for whoever reads it to say what is wrong. */
const readEntry = (keeping: string, { id, message }: Entry) => ({
  position: positionAt(keeping, id.replace("-", ".")),
  body: message[FIELD] ?? JSON.stringify(message),
});

function isBefore(a: string, b: string): boolean {
  const [[leftMs = "0", left = "0"], [rightMs = "0", right = "0"]] = [a.split("-"), b.split("-")];
  return BigInt(leftMs) === BigInt(rightMs) ? BigInt(left) < BigInt(right) : BigInt(leftMs) < BigInt(rightMs);
}

type Connection = ReturnType<typeof connectionTo>;

const connectionTo = (url: string) =>
  redisClient().createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: BLOCK_MS * 2,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: BLOCK_MS * 6,
      reconnectStrategy: (retries) =>
        Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries) * (0.5 + Math.random() / 2),
    },
  });
