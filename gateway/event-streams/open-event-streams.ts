import type { Registry } from "prom-client";
import { openBroker } from "../../lib/broker/open-broker.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { EventStreamSettings } from "./config.ts";
import { createEventSources, type EventSources } from "./event-source.ts";
import { createEventStreamMeter } from "./metrics.ts";
import { createTopics } from "./topics.ts";

/** The event streams of a gateway. */
export interface EventStreams {
  sources: EventSources;
  /** What is wrong with the broker, for people; undefined when nothing is. */
  problem(): string | undefined;
  close(): Promise<void>;
}

/** Undefined where no broker is configured. */
export function openEventStreams(
  { broker: settings, idKey, idKeyFrom }: EventStreamSettings,
  { metrics, limitBytes, clock, log }: { metrics: Registry; limitBytes: number; clock: Clock; log: Log },
): EventStreams | undefined {
  const broker = openBroker(settings, { clock, log });
  if (!broker) return undefined;
  log.info(
    { broker: broker.kind, idsSignedWith: idKeyFrom },
    "event streams have a broker; every gateway that has the same secret takes the ids of their events",
  );
  const topics = createTopics(broker);
  const meter = createEventStreamMeter(metrics, { broker, topics, log });
  return {
    sources: createEventSources({ topics, idKey, meter, limitBytes }),
    problem: () => broker.problem,
    close: () => broker.close(),
  };
}
