import { randomUUID } from "node:crypto";
import { onTestFinished } from "vitest";
import type { Broker } from "../../../lib/broker/broker.ts";
import { openBroker } from "../../../lib/broker/open-broker.ts";
import { systemClock } from "../../../lib/clock.ts";
import { createLog } from "../../../lib/log.ts";
import { waitFor } from "../../../lib/wait.ts";
import { rawClient, subscribe, type RawClient } from "../../subscriptions/support/raw-client.ts";
import { startTickerGateway, type TickerGateway } from "../../subscriptions/support/start.ts";
import { createTickerGraph } from "../../subscriptions/support/ticker-graph.ts";
import { createOrdersGraph, type OrdersGraph } from "./orders-graph.ts";

/** An event as a client has it. */
export interface Heard {
  data?: Record<string, unknown> | null;
  errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
  extensions: { eventId: string; gap?: true };
}

export interface Installation {
  graph: OrdersGraph;
  stream: string;
  broker: Broker;
  publish(topic: string, message: unknown): Promise<void>;
  /** Another gateway on the same broker. */
  gateway(env?: Record<string, string>, onWarning?: (line: string) => void): Promise<TickerGateway>;
}

/** A shop whose events a broker has; topics are given without the stream, which is the installation's own. */
export async function install(brokerUrl = `memory:${randomUUID()}`): Promise<Installation> {
  const stream = `t${randomUUID().slice(0, 8)}`;
  const graph = createOrdersGraph(stream);
  const log = createLog({ name: "test", level: "silent" });
  const subjects = [`${stream}.>`];
  const settings = { url: brokerUrl, stream, subjects, retention: { seconds: 3_600, bytes: 10_000_000 } };
  const broker = openBroker(settings, { clock: systemClock, log }) as Broker;
  onTestFinished(() => broker.close());
  await waitFor(() => broker.problem === undefined);
  return {
    graph,
    stream,
    broker,
    publish: (topic, message) =>
      broker.publish({
        topic: `${stream}.${topic}`,
        id: randomUUID(),
        body: typeof message === "string" ? message : JSON.stringify(message),
      }),
    gateway: async (env = {}, onWarning) => {
      const gateway = await startTickerGateway({
        graph: { ...createTickerGraph(), ...graph },
        env: {
          AUTH_MODE: "off",
          EVENT_BROKER_URL: brokerUrl,
          EVENT_STREAM: stream,
          EVENT_SUBJECTS: `${stream}.>`,
          ...env,
        },
        ...(onWarning && { onWarning }),
      });
      await waitFor(async () => {
        const { checks } = (await (await fetch(`${gateway.url}/readyz`)).json()) as {
          checks: Record<string, unknown>;
        };
        return checks["eventBroker"] === null;
      });
      return gateway;
    },
  };
}

export interface Listening {
  client: RawClient;
  heard: () => Heard[];
  /** What was heard of the root field. */
  values: () => unknown[];
  lastId: () => string;
}

/** Subscribes; waits until the gateway follows the topic, so that what is published then is heard, or until it is over. */
export async function listen(
  gateway: TickerGateway,
  query: string,
  options: { lastEventId?: string; variables?: object; authorization?: string; topics?: number } = {},
): Promise<Listening> {
  const { lastEventId, variables, authorization, topics = 1 } = options;
  const client = await rawClient(gateway.socketUrl, authorization === undefined ? {} : { authorization });
  onTestFinished(() => client.socket.terminate());
  const extensions = { ...(lastEventId !== undefined && { lastEventId }) };
  const before = await gateway.metric("gateway_subscriptions_active");
  client.send(subscribe("1", query, { extensions, ...(variables && { variables }) }));
  await waitFor(
    async () =>
      client.messages.some(({ type }) => type === "error" || type === "complete") ||
      ((await gateway.metric("gateway_subscriptions_active")) > before &&
        (await gateway.metric("gateway_event_topics")) >= topics),
  );
  const heard = () => client.events("1") as unknown as Heard[];
  return {
    client,
    heard,
    values: () => heard().flatMap(({ data }) => (data ? Object.values(data) : [])),
    lastId: () => heard().at(-1)?.extensions.eventId ?? "",
  };
}
