import { integer, list, optionalUrl, text, type Environment } from "../env.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Broker, Retention } from "./broker.ts";
import { createMemoryBroker } from "./memory-broker.ts";
import { createNatsBroker } from "./nats-broker.ts";
import { createRedisBroker } from "./redis-broker.ts";

export const brokerVariables = {
  EVENT_BROKER_URL: optionalUrl({
    schemes: ["nats", "tls", "redis", "rediss", "memory"],
    secret: true,
    description:
      "Broker of the event streams: NATS JetStream (`nats://`, `tls://`), Redis Streams (`redis://`, `rediss://`), or `memory:` for what runs in one process. Without one nothing goes through a broker.",
  }),
  EVENT_STREAM: text({
    fallback: "events",
    description:
      "The stream of JetStream that keeps the events, made when it is not there; one that is there is used as it is. With Redis it begins the names of the keys that are kept beside the topics.",
  }),
  EVENT_SUBJECTS: list({
    fallback: "events.>",
    description: "The subjects that the stream of JetStream is made for: those of all topics.",
  }),
  EVENT_RETENTION_SECONDS: integer({
    min: 1,
    max: 2_592_000,
    fallback: 3_600,
    description: "How long events are kept, and so how long somebody may be away and miss nothing.",
  }),
  EVENT_RETENTION_BYTES: integer({
    min: 1_024,
    max: 1_099_511_627_776,
    fallback: 1_073_741_824,
    description:
      "Most bytes of events that are kept, of all topics; with Redis of each topic. The oldest go first.",
  }),
};

export interface BrokerSettings {
  /** No broker without it. */
  url: string | undefined;
  stream: string;
  subjects: readonly string[];
  retention: Retention;
}

export const brokerSettings = (env: Environment<typeof brokerVariables>): BrokerSettings => ({
  url: env.EVENT_BROKER_URL,
  stream: env.EVENT_STREAM,
  subjects: env.EVENT_SUBJECTS,
  retention: { seconds: env.EVENT_RETENTION_SECONDS, bytes: env.EVENT_RETENTION_BYTES },
});

/** Those of this process, by their addresses: whoever names the same has the same. */
const inMemory = new Map<string, Broker>();

/** Opens the broker that the settings name; it may not be there yet, and says so. */
export function openBroker(
  { url, stream, subjects, retention }: BrokerSettings,
  { clock, log }: { clock: Clock; log: Log },
): Broker | undefined {
  if (url === undefined) return undefined;
  const { protocol } = new URL(url);
  if (protocol === "memory:") {
    const broker = inMemory.get(url) ?? createMemoryBroker(retention, clock);
    inMemory.set(url, broker);
    return broker;
  }
  if (protocol === "redis:" || protocol === "rediss:")
    return createRedisBroker({ url, stream, retention, log });
  return createNatsBroker({ url, stream, subjects, retention, log });
}
