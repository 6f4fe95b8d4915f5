import { randomUUID } from "node:crypto";
import type { Registry } from "prom-client";
import type { Clock } from "../../lib/clock.ts";
import { notFound } from "../../lib/errors.ts";
import { mergeStreams } from "../../lib/streams.ts";
import type { Generations } from "../generations/generations.ts";
import type { Transports } from "../transport/transports.ts";
import type { SharedStream } from "../subscriptions/triggers.ts";
import type { GatewayView } from "./context.ts";
import { EDGE_URL } from "./edge-subgraph.ts";
import { createReadings } from "./readings.ts";
import { readHistory } from "./history.ts";
import type { Minutes } from "./minutes.ts";
import { planInWords } from "./plan-in-words.ts";

export interface GatewayViewSources {
  clock: Clock;
  metrics: Registry;
  minutes: Minutes;
  /** Asked for with the first request: by then the gateway is complete. */
  running: () => {
    generations: Generations;
    transports: Transports;
    streams: () => SharedStream[];
  };
}

/** Collects what the parts of the gateway know. */
export function createGatewayView({ clock, metrics, minutes, running }: GatewayViewSources): GatewayView {
  const readings = createReadings(metrics);
  const subgraphs = () =>
    running()
      .generations.current()
      .supergraph.subgraphs.filter(({ url }) => url !== EDGE_URL)
      .toSorted((a, b) => a.name.localeCompare(b.name));

  return {
    instance: randomUUID(),
    startedAt: clock.now(),
    supergraph: () => {
      const { generations } = running();
      const { id, loadedAt } = generations.current().supergraph;
      return { id, loadedAt, lastError: generations.lastError() ?? null };
    },
    subgraphs: async () => {
      const { transports } = running();
      const health = await Promise.all(subgraphs().map((subgraph) => transports.healthOf(subgraph)));
      return health.filter((each) => each !== undefined);
    },
    watchSubgraphs: (name) => {
      const { transports } = running();
      const watched = subgraphs().filter((subgraph) => name === undefined || subgraph.name === name);
      if (watched.length === 0) throw notFound("Subgraph", name ?? "");
      return mergeStreams(watched.map((subgraph) => transports.watchHealth(subgraph)));
    },
    planCache: () => running().generations.current().engine.planCache(),
    subscriptions: readings.subscriptions,
    requests: readings.requests,
    streams: () => running().streams(),
    history: (asked) => readHistory(minutes, clock, asked),
    operationPlan: async (name) => {
      const text = minutes.textOf(name);
      const { engine } = running().generations.current();
      const plan = text === undefined ? undefined : await engine.planOf(text, name);
      return plan === undefined ? null : planInWords(plan);
    },
  };
}
