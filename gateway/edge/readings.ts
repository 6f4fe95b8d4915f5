import type { Registry } from "prom-client";

export interface SubscriptionFigures {
  triggers: number;
  listeners: number;
  sockets: number;
  httpStreams: number;
  eventsIn: number;
  eventsOut: number;
}

export interface RequestFigures {
  queries: number;
  mutations: number;
  failed: number;
  unreadable: number;
  spliced: number;
  compiled: number;
}

/** The figures of the gateway's metrics that people look at, so that both always say the same. */
export function createReadings(registry: Registry) {
  const sum = async (name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> => {
    const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {};
    const matching = values.filter((reading) =>
      Object.entries(labels).every(([label, value]) => reading.labels[label] === value),
    );
    return matching.reduce((total, { value }) => total + value, 0);
  };
  const sums = async <K extends string>(
    wanted: Record<K, [name: string, labels?: Readonly<Record<string, string>>]>,
  ): Promise<Record<K, number>> => {
    const entries = Object.entries<[string, Readonly<Record<string, string>>?]>(wanted);
    const read = entries.map(async ([key, [name, labels]]) => [key, await sum(name, labels)] as const);
    return Object.fromEntries(await Promise.all(read)) as Record<K, number>;
  };

  return {
    subscriptions: async (): Promise<SubscriptionFigures> => {
      const { sse, multipart, ...figures } = await sums({
        triggers: ["gateway_subscription_triggers"],
        listeners: ["gateway_subscriptions_active"],
        sockets: ["gateway_subscription_connections", { transport: "websocket" }],
        sse: ["gateway_subscription_connections", { transport: "sse" }],
        multipart: ["gateway_subscription_connections", { transport: "multipart" }],
        eventsIn: ["gateway_subscription_events_in_total"],
        eventsOut: ["gateway_subscription_events_out_total"],
      });
      return { ...figures, httpStreams: sse + multipart };
    },
    requests: (): Promise<RequestFigures> =>
      sums({
        queries: ["gateway_operations_total", { kind: "query" }],
        mutations: ["gateway_operations_total", { kind: "mutation" }],
        failed: ["gateway_operations_total", { outcome: "errors" }],
        unreadable: ["gateway_operations_total", { kind: "unparsed" }],
        spliced: ["gateway_executions_total", { path: "splice" }],
        compiled: ["gateway_executions_total", { path: "compiled" }],
      }),
  };
}
