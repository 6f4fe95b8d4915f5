import { createRequire } from "node:module";
import type * as JetStream from "@nats-io/jetstream";
import type * as Transport from "@nats-io/transport-node";
import { isCodedError, messageOf, publicReason } from "../errors.ts";
import type { Log } from "../log.ts";
import {
  brokerAway,
  brokerRefuses,
  partsOfPosition,
  positionAt,
  REPEAT_WINDOW_MS,
  type Broker,
  type BrokerListener,
  type BrokerMessage,
  type BrokerPage,
  type Listening,
  type Retention,
} from "./broker.ts";

const load = createRequire(import.meta.url);
const jetStreamPackage = () => load("@nats-io/jetstream") as typeof JetStream;
const transportPackage = () => load("@nats-io/transport-node") as typeof Transport;

export interface NatsOptions {
  /** `nats://host:4222` */
  url: string;
  /** The stream that keeps the messages; made with `subjects` and the retention when it is not there. */
  stream: string;
  subjects: readonly string[];
  retention: Retention;
  log: Log;
}

const CONNECT_TIMEOUT_MS = 2_000;
const ANSWER_TIMEOUT_MS = 5_000;
const RETRY_MS = 250;
const PING_MS = 5_000;
const MS = 1_000_000;

/** Messages in a stream of NATS JetStream; a topic is a subject. Comes back by itself when the server was away. */
export function createNatsBroker(options: NatsOptions): Broker {
  const line = new NatsLine(options);
  return {
    kind: "nats",
    get problem() {
      return line.problem;
    },
    publish: ({ topic, id, body }) =>
      line.use(async ({ client }) => {
        const { stream } = await client.publish(topic, body, { msgID: id, timeout: ANSWER_TIMEOUT_MS });
        if (stream !== options.stream) throw line.notKept(topic, `the stream ${stream} has it`);
      }, topic),
    read: (topic, after, limit) => line.use((at) => readPage(at, { topic, after, limit }), topic),
    listen: (topic, listener) => line.use((at) => line.listen(at, topic, listener), topic),
    close: () => line.close(),
  };
}

/** A connection, and the stream at its other end. */
interface Connected {
  connection: Transport.NatsConnection;
  client: JetStream.JetStreamClient;
  manager: JetStream.JetStreamManager;
  stream: string;
}

class NatsLine {
  problem: string | undefined = "NATS is away: it has not answered yet";
  readonly #options: NatsOptions;
  readonly #listeners = new Map<BrokerListener, () => void>();
  #at: Connected | undefined;
  #isClosed = false;
  readonly #connecting: Promise<void>;

  constructor(options: NatsOptions) {
    this.#options = options;
    this.#connecting = this.#connect().catch((error: unknown) => this.#lost(error));
  }

  /** Does something at the server; what it throws is told in our terms. */
  async use<T>(work: (at: Connected) => Promise<T>, topic: string): Promise<T> {
    const at = this.#at;
    if (!at || this.problem !== undefined) throw brokerAway();
    try {
      return await work(at);
    } catch (error) {
      if (isCodedError(error)) throw error;
      const name = error instanceof Error ? error.name : "";
      if (name === "MaxPayloadError" || /maximum (payload|message size)|max_payload/i.test(messageOf(error)))
        throw brokerRefuses("does not take a message of this size", error);
      if (isNoStream(error)) throw this.notKept(topic, "no stream has it");
      throw brokerAway(error);
    }
  }

  notKept(topic: string, what: string) {
    const { stream, subjects } = this.#options;
    return brokerRefuses(
      `does not keep the topic ${JSON.stringify(topic)}: ${what}; add it to the subjects of the stream ${stream}, which is made with ${subjects.join(", ")}`,
    );
  }

  async listen(
    { client, manager, stream }: Connected,
    topic: string,
    listener: BrokerListener,
  ): Promise<Listening> {
    const { created, state, config } = await manager.streams.info(stream);
    if (!config.subjects.some((pattern) => covers(pattern, topic)))
      throw this.notKept(topic, "the subjects of the stream leave it out");
    const keeping = keepingOf(created);
    const { DeliverPolicy } = jetStreamPackage();
    const consumer = await client.consumers.get(stream, {
      filter_subjects: topic,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: state.last_seq + 1,
    });
    const callback = (message: JetStream.JsMsg) =>
      listener.message({ position: positionAt(keeping, message.seq), body: message.string() });
    const messages = await consumer.consume({ callback });
    const close = () => {
      this.#listeners.delete(listener);
      void messages.close().catch(() => {});
    };
    this.#listeners.set(listener, close);
    const ended = (error: unknown) => {
      if (this.#listeners.delete(listener)) listener.failed(brokerAway(error));
    };
    void messages.closed().then(ended, ended);
    return { from: positionAt(keeping, state.last_seq), close };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const close of this.#listeners.values()) close();
    await this.#at?.connection.close();
    // A server that never answered is tried for ever; whoever closes does not wait for it.
    if (!this.#at) void this.#connecting.then(() => this.#at?.connection.close());
  }

  async #connect(): Promise<void> {
    const { url, stream } = this.#options;
    const { hostname, host, protocol, username, password } = new URL(url);
    const connection = await transportPackage().connect({
      servers: host || hostname,
      ...(protocol === "tls:" && { tls: {} }),
      ...(username !== "" &&
        (password === ""
          ? { token: decodeURIComponent(username) }
          : { user: decodeURIComponent(username), pass: decodeURIComponent(password) })),
      name: "lifecycle-gateway",
      timeout: CONNECT_TIMEOUT_MS,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY_MS,
      reconnectJitter: RETRY_MS,
      pingInterval: PING_MS,
      maxPingOut: 2,
    });
    if (this.#isClosed) return connection.close();
    const { jetstream, jetstreamManager } = jetStreamPackage();
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: ANSWER_TIMEOUT_MS });
    this.#at = { connection, client: jetstream(connection), manager, stream };
    void this.#follow(connection);
    await this.#found();
  }

  async #follow(connection: Transport.NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "close") this.#lost(new Error("disconnected"));
      if (type === "reconnect") await this.#found();
    }
  }

  /** The server is there: so is the stream, or it is made. One without JetStream is of no use, and asked again. */
  async #found(): Promise<void> {
    const { connection, manager } = this.#at ?? {};
    if (!connection || !manager || this.#isClosed || connection.isClosed()) return;
    try {
      await this.#ensureStream(manager);
      if (this.problem !== undefined) this.#options.log.info("the broker of the event streams is there");
      this.problem = undefined;
    } catch (error) {
      this.#lost(error);
      setTimeout(() => void this.#found(), RETRY_MS * 8).unref();
    }
  }

  async #ensureStream(manager: JetStream.JetStreamManager): Promise<void> {
    const { stream, subjects, retention } = this.#options;
    const isThere = await manager.streams.info(stream).then(
      () => true,
      (error: unknown) => {
        if (isNoStream(error)) return false;
        throw error;
      },
    );
    if (isThere) return;
    const { StorageType, DiscardPolicy } = jetStreamPackage();
    await manager.streams.add({
      name: stream,
      subjects: [...subjects],
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: retention.seconds * 1000 * MS,
      max_bytes: retention.bytes,
      duplicate_window: Math.min(REPEAT_WINDOW_MS, retention.seconds * 1000) * MS,
    });
  }

  #lost(error: unknown): void {
    if (this.#isClosed) return;
    if (this.problem === undefined)
      this.#options.log.warn({ err: error }, "the broker of the event streams is away");
    this.problem = publicReason("NATS is away", error);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const [listener, close] of listeners) {
      close();
      listener.failed(brokerAway(error));
    }
  }
}

async function readPage(
  { manager, stream }: Connected,
  { topic, after, limit }: { topic: string; after: string; limit: number },
): Promise<BrokerPage> {
  const { created, state } = await manager.streams.info(stream);
  const keeping = keepingOf(created);
  const from = partsOfPosition(after);
  const lost: BrokerPage = { messages: [], isLost: true };
  const sequence = Number(from?.at);
  if (from?.keeping !== keeping || sequence + 1 < state.first_seq || sequence > state.last_seq) return lost;
  const messages: BrokerMessage[] = [];
  let next = sequence + 1;
  while (messages.length < limit && next <= state.last_seq) {
    const found = await manager.streams.getMessage(stream, nextOf(topic, next));
    if (!found) break;
    messages.push({ position: positionAt(keeping, found.seq), body: found.string() });
    next = found.seq + 1;
  }
  // What went while we read may have been ours.
  const then = await manager.streams.info(stream);
  const isStillKept = keepingOf(then.created) === keeping && sequence + 1 >= then.state.first_seq;
  return isStillKept ? { messages, isLost: false } : lost;
}

/** The first message of a subject from a number on: the server knows it since 2.9, the types of the package do not. */
const nextOf = (topic: string, from: number): JetStream.MsgRequest =>
  ({ seq: from, next_by_subj: topic }) as JetStream.MsgRequest;

/** A stream that is made anew begins its numbers anew. */
const keepingOf = (created: string): string =>
  Date.parse(created).toString(36) + created.replace(/^.*\.|\D/g, "");

/** JetStream has no stream for what was asked of it. Where none has a subject nobody answers, which looks like no JetStream. */
const isNoStream = (error: unknown): boolean =>
  /no responders|stream not found|jetstream is not enabled/i.test(messageOf(error));

/** Whether a subject of a stream, which may have wildcards, takes a topic in. */
function covers(pattern: string, topic: string): boolean {
  const [wanted, given] = [pattern.split("."), topic.split(".")];
  for (const [index, token] of wanted.entries()) {
    if (token === ">") return given.length > index;
    if (given[index] === undefined || (token !== "*" && token !== given[index])) return false;
  }
  return wanted.length === given.length;
}
