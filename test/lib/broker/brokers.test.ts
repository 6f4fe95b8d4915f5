import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Broker, BrokerMessage } from "../../../lib/broker/broker.ts";
import { openBroker, type BrokerSettings } from "../../../lib/broker/open-broker.ts";
import { systemClock } from "../../../lib/clock.ts";
import { createLog } from "../../../lib/log.ts";
import { waitFor } from "../../../lib/wait.ts";
import { startNatsServer, type NatsServer } from "../../support/nats-server.ts";

const redisUrl = process.env["REDIS_URL"];
const log = createLog({ name: "test", level: "silent" });

/** Where each kind of broker is, and what ends what was started for it. */
const brokers: Record<string, () => Promise<{ url: string; close(): Promise<void> }>> = {
  memory: async () => ({ url: `memory:${randomUUID()}`, close: async () => {} }),
  ...(redisUrl && {
    "Redis Streams": async () => ({ url: redisUrl, close: async () => {} }),
    "NATS JetStream": startNatsServer,
  }),
};

const KEEPS: BrokerSettings["retention"] = { seconds: 60, bytes: 100_000_000 };

describe.each(Object.keys(brokers))("a broker on %s", (kind) => {
  let server: Awaited<ReturnType<(typeof brokers)[string]>>;
  let stream: string;
  beforeAll(async () => {
    stream = `t${randomUUID().slice(0, 8)}`;
    server = await (brokers[kind] as (typeof brokers)[string])();
  });
  afterAll(() => server.close());

  const open = async (retention = KEEPS, name = stream): Promise<Broker> => {
    const url = kind === "memory" && retention !== KEEPS ? `memory:${randomUUID()}` : server.url;
    const broker = openBroker(
      { url, stream: name, subjects: [`${name}.>`], retention },
      { clock: systemClock, log },
    ) as Broker;
    onTestFinished(() => broker.close());
    await waitFor(() => broker.problem === undefined);
    return broker;
  };
  const newTopic = (name = stream) => `${name}.${randomUUID()}`;
  const publish = (broker: Broker, topic: string, body: string) =>
    broker.publish({ topic, id: randomUUID(), body });
  const hear = async (broker: Broker, topic: string) => {
    const heard: BrokerMessage[] = [];
    const failures: Error[] = [];
    const listening = await broker.listen(topic, {
      message: (message) => heard.push(message),
      failed: (error) => failures.push(error),
    });
    const close = () => listening.close();
    onTestFinished(close);
    return { heard, failures, from: listening.from, close, bodies: () => heard.map(({ body }) => body) };
  };

  test("passes messages of a topic on to all who listen, in order, and of no other topic", async () => {
    const broker = await open();
    const other = await open();
    const [topic, foreign] = [newTopic(), newTopic()];
    const [one, two] = [await hear(broker, topic), await hear(other, topic)];
    for (const body of ["1", "2", "3"]) {
      await publish(broker, topic, body);
      await publish(broker, foreign, "foreign");
    }
    await waitFor(() => one.heard.length === 3 && two.heard.length === 3);
    expect(one.bodies()).toEqual(["1", "2", "3"]);
    expect(two.heard).toEqual(one.heard);
  });

  test("reads what follows a position, a page at a time, whoever heard it", async () => {
    const broker = await open();
    const topic = newTopic();
    const { from, heard } = await hear(broker, topic);
    for (let nth = 1; nth <= 5; nth++) await publish(broker, topic, String(nth));
    await waitFor(() => heard.length === 5);
    const other = await open();
    const first = await other.read(topic, from, 3);
    expect(first).toEqual({ messages: heard.slice(0, 3), isLost: false });
    const second = await other.read(topic, heard[2]?.position ?? "", 3);
    expect(second).toEqual({ messages: heard.slice(3), isLost: false });
    expect(await other.read(topic, heard[4]?.position ?? "", 3)).toEqual({ messages: [], isLost: false });
  });

  test("hears everything behind the position from which it says that it listens", async () => {
    const broker = await open();
    const topic = newTopic();
    await publish(broker, topic, "before");
    const { from, bodies } = await hear(broker, topic);
    await publish(broker, topic, "after");
    await waitFor(() => bodies().length === 1);
    expect(bodies()).toEqual(["after"]);
    expect((await broker.read(topic, from, 10)).messages.map(({ body }) => body)).toEqual(["after"]);
  });

  test("keeps a message that is published twice under one id once", async () => {
    const broker = await open();
    const topic = newTopic();
    const { from } = await hear(broker, topic);
    for (const body of ["once", "again"]) await broker.publish({ topic, id: `id-${topic}`, body });
    await publish(broker, topic, "another");
    const { messages } = await broker.read(topic, from, 10);
    expect(messages.map(({ body }) => body)).toEqual(["once", "another"]);
  });

  test("says that messages are lost once they are not kept any more, by their bytes", async () => {
    const name = `t${randomUUID().slice(0, 8)}`;
    const broker = await open({ seconds: 60, bytes: 20_000 }, name);
    const topic = newTopic(name);
    const { from } = await hear(broker, topic);
    for (let nth = 0; nth < 40; nth++) await publish(broker, topic, `${nth} ${"x".repeat(1_000)}`);
    expect(await broker.read(topic, from, 10)).toEqual({ messages: [], isLost: true });
  });

  test("says that messages are lost once they are too old", { timeout: 20_000 }, async () => {
    const name = `t${randomUUID().slice(0, 8)}`;
    const broker = await open({ seconds: 1, bytes: 1_000_000 }, name);
    const topic = newTopic(name);
    const { from } = await hear(broker, topic);
    await publish(broker, topic, "old");
    await waitFor(async () => {
      await publish(broker, topic, "young");
      return (await broker.read(topic, from, 10)).isLost;
    });
  });

  test("takes positions of others, and texts that are none, for lost", async () => {
    const broker = await open();
    const topic = newTopic();
    const { from } = await hear(broker, topic);
    for (const position of [from.replace(/^[^/]+/, "elsewhere"), "nonsense", ""])
      expect(await broker.read(topic, position, 10)).toEqual({ messages: [], isLost: true });
  });

  test("stops hearing when it is told to", async () => {
    const broker = await open();
    const topic = newTopic();
    const [leaving, staying] = [await hear(broker, topic), await hear(broker, topic)];
    leaving.close();
    await publish(broker, topic, "1");
    await waitFor(() => staying.heard.length === 1);
    expect(leaving.heard).toEqual([]);
  });

  test("keeps bodies as they are, up to half a megabyte", async () => {
    const broker = await open();
    const topic = newTopic();
    const { bodies } = await hear(broker, topic);
    const body = JSON.stringify({ text: "ünïcode \u0000 \n".repeat(20_000) });
    await publish(broker, topic, body);
    await waitFor(() => bodies().length === 1);
    expect(bodies()).toEqual([body]);
  });
});

describe.runIf(redisUrl)("a broker on NATS JetStream that goes away", () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNatsServer();
  });
  afterAll(() => server.close());

  test("says so, ends what listens, refuses for now, and has everything when it is back", async () => {
    const settings = { url: server.url, stream: "away", subjects: ["away.>"], retention: KEEPS };
    const broker = openBroker(settings, { clock: systemClock, log }) as Broker;
    onTestFinished(() => broker.close());
    await waitFor(() => broker.problem === undefined);
    await broker.publish({ topic: "away.1", id: "1", body: "kept" });
    const failures: unknown[] = [];
    const { from } = await broker.listen("away.1", {
      message: () => {},
      failed: (error) => failures.push(error.details.retryable),
    });
    await server.kill();
    await waitFor(() => failures.length > 0);
    expect(failures).toEqual([true]);
    expect(broker.problem).toContain("NATS is away");
    await expect(broker.publish({ topic: "away.1", id: "2", body: "2" })).rejects.toMatchObject({
      code: "SUBGRAPH_UNAVAILABLE",
      details: { retryable: true },
    });
    await server.restart();
    await waitFor(() => broker.problem === undefined);
    await broker.publish({ topic: "away.1", id: "2", body: "2" });
    expect((await broker.read("away.1", from, 10)).messages.map(({ body }) => body)).toEqual(["2"]);
  });

  test("names a topic that its stream leaves out, and says what to do", async () => {
    const settings = { url: server.url, stream: "narrow", subjects: ["narrow.>"], retention: KEEPS };
    const broker = openBroker(settings, { clock: systemClock, log }) as Broker;
    onTestFinished(() => broker.close());
    await waitFor(() => broker.problem === undefined);
    const refusal = {
      message: expect.stringMatching(/wide\.1.*add it to the subjects of the stream narrow/),
    };
    await expect(broker.publish({ topic: "wide.1", id: "1", body: "1" })).rejects.toMatchObject(refusal);
    const listener = { message: () => {}, failed: () => {} };
    await expect(broker.listen("wide.1", listener)).rejects.toMatchObject(refusal);
  });
});
