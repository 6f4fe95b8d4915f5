import { publicReason } from "../lib/errors.ts";
import { redisClient } from "../lib/redis-packages.ts";
import type { Log } from "../lib/log.ts";
import { fromWire, toWire, type Hint, type HintListener, type Notifications } from "./notify.ts";

export interface RedisNotificationsOptions {
  /** `redis://host:port` */
  url: string;
  /** Names the database that hints are about: several may share a Redis. */
  database: string;
  log: Log;
}

export interface RedisNotifications extends Notifications {
  /** Tells every listening process. A hint that cannot be sent is dropped: it goes through PostgreSQL as well. */
  publish(hint: Hint): void;
}

const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** A connection that died without a word is noticed after this long. */
const PING_MS = 15_000;

/** Hints through Redis pub/sub; comes back by itself when Redis was away. */
export function createRedisNotifications(options: RedisNotificationsOptions): RedisNotifications {
  const line = new RedisLine(options);
  return {
    listen: (channel, listener) => line.listen(channel, listener),
    publish: (hint) => line.publish(hint),
    // Whoever is connected to Redis is connected to PostgreSQL as well, where it shows.
    hasOlderPeers: false,
    get problem() {
      return line.problem;
    },
    close: async () => line.close(),
  };
}

class RedisLine {
  problem: string | undefined = "Redis is away: it has not answered yet";
  readonly #log: Log;
  readonly #prefix: string;
  readonly #publisher: Connection;
  readonly #subscriber: Connection;
  readonly #channels = new Map<string, Set<HintListener>>();
  #isSubscribed = false;
  #isClosed = false;
  #up = gate();

  constructor({ url, database, log }: RedisNotificationsOptions) {
    this.#log = log;
    this.#prefix = `lifecycle:${database}:`;
    this.#publisher = connectionTo(url);
    this.#subscriber = this.#publisher.duplicate();
    for (const client of [this.#publisher, this.#subscriber]) {
      client.on("error", (error: unknown) => this.#lost(error));
      client.on("ready", () => void this.#found().catch((error: unknown) => this.#lost(error)));
      client.connect().catch((error: unknown) => this.#lost(error));
    }
  }

  async listen(channel: string, listener: HintListener): Promise<() => Promise<void>> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    await this.#up.promise;
    // What cannot be asked for now is asked for when there is a connection again.
    await this.#subscribeTo([channel]).catch((error: unknown) => this.#lost(error));
    return () => this.#leave(channel, listener);
  }

  async #leave(channel: string, listener: HintListener): Promise<void> {
    const listeners = this.#channels.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#channels.delete(channel);
    await this.#subscriber.unsubscribe(this.#prefix + channel, this.#heard).catch(() => undefined);
  }

  publish(hint: Hint): void {
    if (!this.#publisher.isReady) return;
    const channel = `${this.#prefix}${hint.channel}`;
    this.#publisher.publish(channel, toWire(hint)).catch((error: unknown) => this.#lost(error));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = new Error("The notifications are closed");
    this.#up.reject(closed);
    this.#up = gate();
    this.#up.reject(closed);
    // By force: an orderly goodbye would wait for a Redis that does not answer.
    for (const client of [this.#publisher, this.#subscriber]) client.destroy();
  }

  #lost(error: unknown): void {
    if (this.#isClosed) return;
    if (this.problem === undefined) {
      this.#log.warn({ err: error }, "Redis is away: hints go without it");
      this.#up = gate();
    }
    this.problem = publicReason("Redis is away", error);
  }

  async #found(): Promise<void> {
    if (!this.#publisher.isReady || !this.#subscriber.isReady) return;
    const isReturn = this.#isSubscribed;
    await this.#subscribeTo([...this.#channels.keys()]);
    this.#isSubscribed = true;
    this.problem = undefined;
    this.#up.resolve();
    if (isReturn) for (const channel of this.#channels.keys()) this.#tell(channel, (each) => each.onGap());
  }

  /** Harmless for those that are subscribed to. */
  async #subscribeTo(channels: readonly string[]): Promise<void> {
    if (channels.length === 0) return;
    await this.#subscriber.subscribe(
      channels.map((channel) => this.#prefix + channel),
      this.#heard,
    );
  }

  readonly #heard = (message: string, channel: string): void => {
    const { payload, stamp } = fromWire(message);
    this.#tell(channel.slice(this.#prefix.length), (each) => each.onHint(payload, stamp));
  };

  #tell(channel: string, action: (listener: HintListener) => void): void {
    for (const listener of this.#channels.get(channel) ?? []) {
      try {
        action(listener);
      } catch (error) {
        this.#log.error({ err: error }, "a listener for changes failed");
      }
    }
  }
}

type Connection = ReturnType<typeof connectionTo>;

/** A promise that may be refused while no caller waits for it. */
function gate(): PromiseWithResolvers<void> {
  const opened = Promise.withResolvers<void>();
  opened.promise.catch(() => undefined);
  return opened;
}

const connectionTo = (url: string) =>
  redisClient().createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: PING_MS,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) =>
        Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries) * (0.5 + Math.random() / 2),
    },
  });
