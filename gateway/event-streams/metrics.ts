import { Counter, Gauge, type Registry } from "prom-client";
import { comparePositions, type Topics } from "./topics.ts";
import type { Broker, Position } from "../../lib/broker/broker.ts";
import type { Log } from "../../lib/log.ts";

/** A message that is not what its stream says. */
interface DeadLetter {
  field: string;
  topic: string;
  position: Position;
  problem: string;
}

export interface EventStreamMeter {
  /** Counted and logged once, however many read it. */
  deadLetter(letter: DeadLetter): void;
}

/** Topics of which the last dead letter is remembered. */
const TOPICS_MAX = 10_000;

export function createEventStreamMeter(
  registry: Registry,
  { broker, topics, log }: { broker: Broker; topics: Pick<Topics, "open">; log: Log },
): EventStreamMeter {
  const dead = new Counter({
    name: "gateway_event_dead_letters_total",
    help: "Messages of the broker that do not fit what their stream says that they hold",
    labelNames: ["field"],
    registers: [registry],
  });
  const up: Gauge = new Gauge({
    name: "gateway_event_broker_up",
    help: "1 while the broker of the event streams answers",
    aggregator: "min",
    registers: [],
    collect: () => up.set(broker.problem === undefined ? 1 : 0),
  });
  const open: Gauge = new Gauge({
    name: "gateway_event_topics",
    help: "Topics of the broker that are listened to, each once for all who follow it",
    registers: [],
    collect: () => open.set(topics.open()),
  });
  for (const gauge of [up, open]) registry.registerMetric(gauge);
  const last = new Map<string, Position>();
  return {
    deadLetter: ({ field, topic, position, problem }) => {
      const key = `${field} ${topic}`;
      const known = last.get(key);
      if (known !== undefined && (comparePositions(position, known) ?? 1) <= 0) return;
      if (last.size >= TOPICS_MAX) last.clear();
      last.set(key, position);
      dead.inc({ field });
      log.warn(
        { field, topic, position, problem },
        "a message does not fit its event stream; it is left out",
      );
    },
  };
}
