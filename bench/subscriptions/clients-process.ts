import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { signToken } from "../../lib/jwt.ts";
import { anonymous, SCOPES } from "../../lib/identity.ts";

/** Opens sockets to `url`, subscribes with `payload` if there is one, and reports what arrives and how late. */
interface Task {
  url: string;
  count: number;
  payload?: object;
  /** Every client signs in with a token of its own, signed with this secret. */
  tokenSecret?: string;
  /** Clients that stop reading after their first event. */
  stalled?: number;
  /** Subscriptions of each client; default one. */
  each?: number;
  /** Over how many topics they are spread; by default all follow the same. */
  topics?: number;
}

/** More subscriptions for the sockets that were opened last. */
interface More extends Required<Pick<Task, "each" | "topics" | "payload">> {
  last: number;
}

const sockets: WebSocket[] = [];
let received = 0;
let receivedBytes = 0;
let lateMs: number[] = [];

interface OneClient {
  url: string;
  payload: object | undefined;
  authorization: string | undefined;
  isStalled: boolean;
  each: number;
  topics: number;
}

/** What every client was opened with, to come back with it. */
const opened: OneClient[] = [];

async function open({
  url,
  count,
  payload,
  tokenSecret,
  stalled = 0,
  each = 1,
  topics = 1,
}: Task): Promise<void> {
  const BATCH = 100;
  for (let from = 0; from < count; from += BATCH) {
    await Promise.all(
      Array.from({ length: Math.min(BATCH, count - from) }, async (_, index) => {
        const number = from + index;
        const authorization = tokenSecret === undefined ? undefined : await tokenOf(number, tokenSecret);
        const client = { url, payload, authorization, isStalled: number < stalled, each, topics };
        opened.push(client);
        return connect(client);
      }),
    );
  }
}

async function tokenOf(number: number, secret: string): Promise<string> {
  const settings = { secret, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" };
  return `Bearer ${await signToken(settings, { ...anonymous(SCOPES), subject: `user ${number}` }, 3_600)}`;
}

function connect(client: OneClient): Promise<void> {
  const credentials = client.authorization === undefined ? {} : { authorization: client.authorization };
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(client.url, "graphql-transport-ws", { perMessageDeflate: false });
    sockets.push(socket);
    socket.on("error", reject);
    socket.on("open", () => socket.send(JSON.stringify({ type: "connection_init", payload: credentials })));
    socket.on("message", (data: Buffer) => {
      if (data.length < 64 && data.includes("connection_ack")) {
        const { payload } = client;
        if (payload === undefined) return resolve();
        subscribe(socket, { ...client, payload });
        return undefined;
      }
      resolve();
      return count(data, () => client.isStalled && socket.pause());
    });
  });
}

function subscribe(
  socket: WebSocket,
  { payload, each, topics }: Pick<OneClient, "each" | "topics"> & { payload: object },
): void {
  const text = JSON.stringify(payload);
  for (let index = 0; index < each; index += 1) {
    const id = `6f1c2c7e-5d0e-4b0e-9f3b-${String(index).padStart(12, "0")}`;
    const ofTopic = topics === 1 ? text : text.replace("bench", `bench-${index % topics}`);
    socket.send(`{"id":"${id}","type":"subscribe","payload":${ofTopic}}`);
  }
}

/** Subscribes on open sockets, and waits until there is an event for each subscription. */
async function subscribeMore({ last, ...wanted }: More): Promise<void> {
  const before = received;
  const chosen = sockets.slice(-last);
  for (const socket of chosen) {
    subscribe(socket, wanted);
    if (received - before + 1_000 < chosen.length) await new Promise(setImmediate);
  }
  while (received - before < chosen.length * wanted.each) await sleep(20);
}

/** As clients do: a connection that fails is tried again after a moment. */
async function comeBack(client: OneClient): Promise<void> {
  for (;;) {
    const isBack = await connect(client).then(
      () => true,
      () => false,
    );
    if (isBack) return;
    await sleep(100 + Math.random() * 200);
  }
}

/** Cuts everybody and comes back at once; answers the milliseconds until each has an event again. */
async function storm(): Promise<number> {
  for (const socket of sockets.splice(0)) {
    socket.removeAllListeners("error");
    socket.on("error", () => {});
    socket.terminate();
  }
  const startedMs = performance.now();
  await Promise.all(opened.map(comeBack));
  return performance.now() - startedMs;
}

function count(data: Buffer, after: () => unknown): void {
  received += 1;
  receivedBytes += data.length;
  const happenedAt = timeIn(data);
  if (happenedAt !== undefined) lateMs.push(performance.timeOrigin + performance.now() - happenedAt);
  after();
}

/** When an event says that it happened, in milliseconds since 1970: `at` as a number, `asOf` as a timestamp. */
function timeIn(data: Buffer): number | undefined {
  const at = data.indexOf('"at":');
  if (at >= 0) return Number.parseFloat(data.toString("latin1", at + 5, at + 25));
  const asOf = data.indexOf('"asOf":"');
  return asOf < 0 ? undefined : Date.parse(data.toString("latin1", asOf + 8, asOf + 32));
}

process.on("message", (message) => {
  const { task, report, reset, ...asks } = message as {
    task?: Task;
    count?: true;
    report?: true;
    reset?: true;
    more?: More;
    storm?: true;
  };
  if (asks.count) process.send?.({ count: received });
  if (asks.more) void subscribeMore(asks.more).then(() => process.send?.({ opened: sockets.length }));
  if (asks.storm) void storm().then((ready) => process.send?.({ ready }));
  if (task) void open(task).then(() => process.send?.({ opened: sockets.length }));
  if (reset) {
    received = 0;
    receivedBytes = 0;
    lateMs = [];
    process.send?.({ reset: true });
  }
  if (report) process.send?.({ report: { received, receivedBytes, lateMs } });
});
