import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { gatewayVariables } from "../../gateway/config.ts";
import { LIMITS, type LimitName } from "../../gateway/errors/limit-names.ts";
import { startGateway } from "../gateway/support/start-gateway.ts";
import { answers, hangs, startSickSubgraph, type Reply } from "../gateway/support/sick-subgraph.ts";
import { rawClient, subscribe } from "../subscriptions/support/raw-client.ts";
import { frame, openSocket } from "./support/deaf-clients.ts";
import { startTickerGateway } from "../subscriptions/support/start.ts";
import { waitFor } from "../../lib/wait.ts";

/** What a caller was told, and where the gateway counts it. */
interface Refused {
  url: string;
  /** The answer's text, or the reason that a socket was closed with. */
  told: string;
}

type Scenario = (env: Record<string, string>) => Promise<Refused>;

async function start(env: Record<string, string>) {
  const gateway = await startGateway({ TRUSTED_DOCUMENTS: "off", ...env });
  onTestFinished(() => gateway.close());
  return gateway;
}

const posted =
  (...queries: string[]): Scenario =>
  async (env) => {
    const gateway = await start(env);
    const answered: unknown[] = [];
    for (const query of queries) answered.push((await gateway.post({ query })).body);
    return { url: gateway.url, told: JSON.stringify(answered.at(-1)) };
  };

/** An answer of a gateway whose one subgraph behaves like that. */
const postedOver =
  (reply: Reply): Scenario =>
  async (env) => {
    const gateway = await startOver(reply, env);
    const { body } = await gateway.post({ query: "{ whoAmI }" });
    return { url: gateway.url, told: JSON.stringify(body) };
  };

async function startOver(reply: Reply, env: Record<string, string>) {
  const { url: subgraph } = await startSickSubgraph(reply);
  const gateway = await startGateway({ SUBGRAPH_URLS: `fleet=${subgraph}`, ...env }, { inProcess: false });
  onTestFinished(() => gateway.close());
  return gateway;
}

/** What the second is told while a subgraph, which is asked one thing at a time, has yet to answer the first. */
const postedMeanwhile: Scenario = async (env) => {
  const asked = Promise.withResolvers<ServerResponse>();
  const gateway = await startOver(asked.resolve, { SUBGRAPH_MAX_CONCURRENT: "1", ...env });
  const first = gateway.post({ query: "{ whoAmI }" });
  const response = await asked.promise;
  const { body } = await gateway.post({ query: "{ me: whoAmI }" });
  answers({ data: { whoAmI: "first" } })(response, response.req);
  await first;
  return { url: gateway.url, told: JSON.stringify(body) };
};

const MOVED = `subscription { boatMoved(id: "b1") { id } }`;
const socketUrl = (url: string) => `${url.replace("http", "ws")}/graphql`;

/** The second of two subscriptions on one socket. */
const subscribedTwice: Scenario = async (env) => {
  const { url } = await start(env);
  const client = await rawClient(socketUrl(url));
  for (const id of ["1", "2"]) client.send(subscribe(id, MOVED));
  return { url, told: JSON.stringify(await client.next("error", "2")) };
};

/** What a connection is told after it has sent some bytes, until it is cut. */
async function exchange(url: string, text = ""): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("error", () => {}).on("data", (chunk: Buffer) => (answer += chunk.toString()));
  if (text) socket.write(text);
  await new Promise((resolve) => socket.on("close", resolve));
  return answer;
}

const UPGRADE =
  "GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

const upgradedTwice: Scenario = async (env) => {
  const { url } = await start(env);
  const { socket } = await rawClient(socketUrl(url));
  onTestFinished(() => socket.terminate());
  return { url, told: await exchange(url, UPGRADE) };
};

const CONNECTIONS = 4;

/** One connection more than there may be; the others have gone when this returns, so that metrics can be asked for. */
const connectedOnceMore: Scenario = async (env) => {
  const { url } = await start(env);
  const idle = Array.from({ length: CONNECTIONS }, () =>
    connect(Number(new URL(url).port), "127.0.0.1").on("error", () => {}),
  );
  const told = await waitFor(() => exchange(url));
  for (const socket of idle) socket.destroy();
  const isFree = async () => (await (await fetch(`${url}/livez`)).text()).includes("ok");
  await waitFor(() => isFree().catch(() => false));
  return { url, told };
};

/** A body that is longer than all of them together may be. */
const sentLong: Scenario = async (env) => {
  const { url } = await start(env);
  const head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9000";
  return { url, told: await exchange(url, `${head}\r\n\r\n${"x".repeat(2_000)}`) };
};

/** A socket that leaves events unread until it is sent away. */
const unread: Scenario = async (env) => {
  const gateway = await startTickerGateway({ env });
  const client = await rawClient(gateway.socketUrl);
  client.send(subscribe("1", `subscription { tick(topic: "s", size: 50000) { padding } }`));
  await client.next("next", "1");
  client.socket.pause();
  await waitFor(async () => {
    gateway.graph.emit("s");
    return (await gateway.metric("gateway_limit_refusals_total", "waitingBytes")) > 0;
  });
  client.socket.resume();
  return { url: gateway.url, told: (await client.closed()).reason };
};

/** For each limit how to make it bite, with a bound of the smallest size. */
const SCENARIOS: Record<LimitName, [bound: string, Scenario]> = {
  rate: ["1", (env) => posted("{ whoAmI }", "{ whoAmI }")({ ...env, RATE_LIMIT_BURST: "1" })],
  depth: ["1", posted(`{ boat(id: "b1") { id } }`)],
  aliases: ["1", posted("{ a: whoAmI b: whoAmI }")],
  rootFields: ["1", posted("{ whoAmI __typename }")],
  directives: ["1", posted("{ whoAmI @skip(if: false) @include(if: true) }")],
  fields: ["1", posted("{ whoAmI __typename }")],
  tokens: ["3", posted("{ whoAmI __typename }")],
  cost: ["1", posted(`{ boat(id: "b1") { hull { code } } }`)],
  planning: [
    "1",
    async (env) => {
      const { url } = await start(env);
      const sockets = Array.from({ length: 20 }, () => connect(Number(new URL(url).port), "127.0.0.1"));
      await Promise.all(sockets.map((socket) => once(socket, "connect")));
      await waitFor(async () => (await fetch(`${url}/livez`)).ok);
      let told = "";
      const answers = sockets.map(async (socket, index) => {
        const body = JSON.stringify({ query: `{ new${index}: whoAmI }` });
        socket.write(
          `POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
        socket.on("data", (chunk: Buffer) => (told += chunk.toString()));
        await once(socket, "close");
      });
      // The gateway runs here, too: while nothing else does, all of them arrive.
      for (const until = performance.now() + 200; performance.now() < until;);
      await Promise.all(answers);
      return { url, told };
    },
  ],
  trustedDocuments: ["require", posted("{ nobodysDocument: whoAmI }")],
  body: ["1024", posted(`{ whoAmI } # ${"x".repeat(1_024)}`)],
  headerBytes: [
    "4096",
    async (env) => {
      const { url } = await start(env);
      const head = `GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ${"x".repeat(5_000)}\r\n\r\n`;
      return { url, told: await exchange(url, head) };
    },
  ],
  requestTime: [
    "100",
    async (env) => {
      const { url } = await start(env);
      return { url, told: await exchange(url, "GET /livez HTTP/1.1\r\nhost: x\r\nx-half: ") };
    },
  ],
  connections: [`${CONNECTIONS}`, connectedOnceMore],
  connectionsPerAddress: [`${CONNECTIONS}`, connectedOnceMore],
  sockets: ["1", upgradedTwice],
  socketsPerAddress: ["1", upgradedTwice],
  socketsPerIdentity: [
    "1",
    async (env) => {
      const { url } = await start(env);
      await rawClient(socketUrl(url));
      const { reason } = await (await rawClient(socketUrl(url))).closed();
      return { url, told: reason };
    },
  ],
  message: [
    "1024",
    async (env) => {
      const { url } = await start(env);
      const client = await rawClient(socketUrl(url));
      client.send({ type: "ping", payload: { text: "x".repeat(1_024) } });
      return { url, told: (await client.closed()).reason };
    },
  ],
  pipelined: [
    "1",
    async (env) => {
      const { url } = await start(env);
      return { url, told: await exchange(url, "GET /livez HTTP/1.1\r\nhost: x\r\n\r\n".repeat(9)) };
    },
  ],
  bodies: ["1024", sentLong],
  bodiesPerAddress: ["1024", sentLong],
  waitingBytes: ["1048576", (env) => unread({ ...env, SUBSCRIPTION_QUEUE_LIMIT: "10000" })],
  waitingBytesPerConnection: ["1024", unread],
  waitingBytesBeforeInit: [
    "1024",
    async (env) => {
      const { url } = await start(env);
      const socket = await openSocket(Number(new URL(url).port), { initialise: false });
      let told = "";
      socket.on("data", (chunk: Buffer) => (told += chunk.toString("latin1"))).resume();
      socket.write(frame({ type: "ping", payload: { text: "x".repeat(5_000) } }).subarray(0, 2_000));
      await waitFor(() => socket.destroyed);
      return { url, told };
    },
  ],
  subscriptions: ["1", subscribedTwice],
  subscriptionsPerIdentity: ["1", subscribedTwice],
  subscriptionsPerSocket: ["1", subscribedTwice],
  subscriptionQueue: [
    "1",
    async (env) => {
      const gateway = await startTickerGateway({ env });
      const client = await rawClient(gateway.socketUrl);
      client.send(subscribe("1", `subscription { tick(topic: "s", size: 50000) { padding } }`));
      await client.next("next", "1");
      client.socket.pause();
      await waitFor(async () => {
        gateway.graph.emit("s");
        return (await gateway.metric("gateway_subscription_ends_total", "slow")) > 0;
      });
      client.socket.resume();
      return { url: gateway.url, told: (await client.closed()).reason };
    },
  ],
  keptEvents: [
    "1024",
    async (env) => {
      const gateway = await startTickerGateway({ env });
      const client = await rawClient(gateway.socketUrl);
      client.send(subscribe("1", `subscription { tick(topic: "s", size: 5000) { padding } }`));
      await client.next("next", "1");
      return { url: gateway.url, told: "" };
    },
  ],
  operationTime: ["50", postedOver(hangs)],
  subgraphTime: ["50", postedOver(hangs)],
  subgraphAnswer: ["1024", postedOver(answers({ data: { whoAmI: "x".repeat(2_000) } }))],
  subgraphSilence: [
    "1",
    async (env) => {
      const gateway = await startOver(hangs, env);
      const client = await rawClient(socketUrl(gateway.url));
      client.send(subscribe("1", MOVED));
      return { url: gateway.url, told: JSON.stringify(await client.next("next", "1")) };
    },
  ],
  subgraphWaiting: ["0", postedMeanwhile],
};

/** The name in an error's extensions, in problem details or in the reason of a close. */
const namesIn = (told: string) =>
  [...told.matchAll(/"limit":"(\w+)"|\((\w+)\)$/g)].map(([, member, last]) => member ?? last);

const page = readFileSync(join(import.meta.dirname, "../../docs/configuration.md"), "utf8");

describe.each(Object.entries(SCENARIOS) as [LimitName, [string, Scenario]][])(
  "the limit %s",
  (name, [bound, scenario]) => {
    const { variable } = LIMITS[name];

    test("is named in the error, and counted under that name", async () => {
      const { url, told } = await scenario({ [variable]: bound });
      // Those for whom nobody waits hear nothing, for they do not listen.
      const isSilent = LIMITS[name].answer.includes("without a word");
      expect(isSilent ? [told || name] : namesIn(told)).toContain(name);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const counted = new RegExp(`^gateway_limit_refusals_total\\{limit="${name}"\\} (\\d+)$`, "m");
      expect(Number(counted.exec(metrics)?.[1])).toBeGreaterThan(0);
    });

    test("is documented under that name, with its variable and default", () => {
      const { fallback } = gatewayVariables[variable];
      expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| \`${variable}\` \\| ${fallback} \\|`, "m"));
    });
  },
);
