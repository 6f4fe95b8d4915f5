import { setTimeout as sleep } from "node:timers/promises";
import { Client, escapeIdentifier } from "pg";
import type { Log } from "../lib/log.ts";
import { explainDatabaseProblem } from "./client.ts";
import { fromWire, type HintListener, type Notifications } from "./notify.ts";

export interface NotificationsOptions {
  /** `postgresql://user:password@host:port/database` */
  url: string;
  log: Log;
  /** A number from 0 to 1 that spreads the reconnects of many processes; default `Math.random`. */
  random?: () => number;
}

/** One connection that listens for everybody in this process, and comes back by itself when it is lost. */
export function createNotifications(options: NotificationsOptions): Notifications {
  const line = new ListeningLine(options);
  const running = line.run();
  return {
    listen: (channel, listener) => line.listen(channel, listener),
    get hasOlderPeers() {
      return line.hasOlderPeers;
    },
    get problem() {
      return line.isUp ? undefined : "PostgreSQL is not listened to: the connection is away";
    },
    close: async () => {
      await line.hangUp();
      await running;
    },
  };
}

const TIMEOUT_MS = 5_000;
/** A connection that died without a word is noticed after this long, plus one timeout. */
const HEARTBEAT_MS = 15_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

interface Line {
  client: Client;
  /** Resolves when the connection is gone. */
  ended: Promise<void>;
  /** Resolves after that, when the next line is what everybody waits for. */
  replaced: PromiseWithResolvers<void>;
}

class ListeningLine {
  readonly #options: NotificationsOptions;
  readonly #channels = new Map<string, Set<HintListener>>();
  readonly #closing = new AbortController();
  /** Channels that nobody has asked for yet, and the asking that takes them along. */
  readonly #wanted = new Set<string>();
  #asking: Promise<boolean> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #line = gate();
  #client: Client | undefined;
  /** Whether hints arrive right now. */
  isUp = false;
  hasOlderPeers = false;

  constructor(options: NotificationsOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    let failures = 0;
    let wasConnected = false;
    while (!this.#closing.signal.aborted) {
      try {
        const line = await this.#connect();
        failures = 0;
        if (wasConnected) this.#tellAllOfGap();
        wasConnected = true;
        await this.#untilLost(line);
      } catch (error) {
        if (!this.#closing.signal.aborted)
          this.#options.log.warn(
            { err: explainDatabaseProblem(error, this.#options.url) },
            "cannot listen for changes yet",
          );
      }
      await this.#pause(failures);
      failures += 1;
    }
  }

  async listen(channel: string, listener: HintListener): Promise<() => Promise<void>> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners.add(listener));
    let isListening = false;
    while (!isListening) isListening = await this.#listenTogether(channel);
    return () => this.#leave(channel, listener);
  }

  async hangUp(): Promise<void> {
    this.#closing.abort();
    const closed = new Error("The notifications are closed");
    this.#line.reject(closed);
    this.#line = gate();
    this.#line.reject(closed);
    await this.#client?.end();
  }

  async #leave(channel: string, listener: HintListener): Promise<void> {
    const listeners = this.#channels.get(channel);
    if (!listeners?.delete(listener) || listeners.size > 0) return;
    this.#channels.delete(channel);
    const unlisten = async () => {
      // Whoever came meanwhile has asked for it before this, or will after.
      if (!this.#channels.has(channel)) await this.#client?.query(`unlisten ${escapeIdentifier(channel)}`);
    };
    await this.#inTurn(unlisten).catch(() => undefined);
  }

  /** Asks for all channels at once that are wanted while the line is busy; false when it could not carry that. */
  #listenTogether(channel: string): Promise<boolean> {
    this.#wanted.add(channel);
    const ask = async () => {
      const line = await this.#line.promise;
      return this.#inTurn(() => {
        const channels = [...this.#wanted];
        this.#wanted.clear();
        this.#asking = undefined;
        return this.#send(line, channels.map(listenTo).join(";"));
      });
    };
    this.#asking ??= ask().catch((error: unknown) => {
      this.#asking = undefined;
      throw error;
    });
    return this.#asking;
  }

  /** One statement after the other. */
  #inTurn<T>(say: () => Promise<T>): Promise<T> {
    const said = this.#turn.then(say);
    this.#turn = said.catch(() => undefined);
    return said;
  }

  async #connect(): Promise<Line> {
    const client = new Client({
      connectionString: this.#options.url,
      application_name: "lifecycle-hints",
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
      keepAlive: true,
    });
    const ended = new Promise<void>((resolve) => void client.once("end", resolve));
    client.on("error", (error) =>
      this.#options.log.warn({ err: error }, "the listening connection was lost"),
    );
    client.on("notification", ({ channel, payload = "" }) => {
      const hint = fromWire(payload);
      for (const listener of this.#channels.get(channel) ?? [])
        this.#tell(() => listener.onHint(hint.payload, hint.stamp));
    });
    try {
      // Not to be ended before this settles, or it never does: closing waits for it, at most one timeout.
      await client.connect();
      this.#closing.signal.throwIfAborted();
      this.#client = client;
      await client.query([...this.#channels.keys()].map(listenTo).join(";"));
      await this.#lookForOlderPeers(client);
    } catch (error) {
      void client.end();
      throw error;
    }
    const line = { client, ended, replaced: Promise.withResolvers<void>() };
    this.#line.resolve(line);
    this.isUp = true;
    return line;
  }

  async #untilLost(line: Line): Promise<void> {
    const look = () =>
      this.#inTurn(() => this.#lookForOlderPeers(line.client)).catch(() => this.#giveUp(line));
    const heartbeat = setInterval(() => void look(), HEARTBEAT_MS);
    await line.ended;
    this.isUp = false;
    clearInterval(heartbeat);
    if (!this.#closing.signal.aborted) this.#line = gate();
    line.replaced.resolve();
  }

  /** False when the line could not carry the statement; it is given up then. */
  async #send({ client, replaced }: Line, statement: string): Promise<boolean> {
    try {
      await client.query(statement);
      return true;
    } catch {
      await this.#giveUp({ client, replaced });
      return false;
    }
  }

  async #giveUp({ client, replaced }: Pick<Line, "client" | "replaced">): Promise<void> {
    void client.end();
    await replaced.promise;
  }

  /** While there are some, and when they come or go, nothing that they tell may be missed. */
  async #lookForOlderPeers(client: Client): Promise<void> {
    const { rows } = await client.query<{ older: boolean }>(OLDER_PEERS);
    const before = this.hasOlderPeers;
    this.hasOlderPeers = rows[0]?.older === true;
    if (this.hasOlderPeers !== before) this.#tellAllOfGap();
  }

  /** Doubles with every failure, cut somewhere in its upper half so that processes do not come back in step. */
  async #pause(failures: number): Promise<void> {
    const longestMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
    const random = this.#options.random ?? Math.random;
    await sleep(longestMs * (0.5 + random() / 2), undefined, { signal: this.#closing.signal }).catch(
      () => undefined,
    );
  }

  #tellAllOfGap(): void {
    for (const listeners of this.#channels.values()) {
      for (const listener of listeners) this.#tell(() => listener.onGap());
    }
  }

  #tell(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.log.error({ err: error }, "a listener for changes failed");
    }
  }
}

/** How the build before names the connection over which it listens. */
const OLDER_PEERS = `select exists (select from pg_stat_activity
  where datname = current_database() and application_name = 'lifecycle-notifications') as older`;

const listenTo = (channel: string) => `listen ${escapeIdentifier(channel)}`;

/** A promise that may be refused while no caller waits for it. */
function gate(): PromiseWithResolvers<Line> {
  const opened = Promise.withResolvers<Line>();
  opened.promise.catch(() => undefined);
  return opened;
}
