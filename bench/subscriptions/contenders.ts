import { createTickerGraph } from "../../test/subscriptions/support/ticker-graph.ts";
import { createRunwayGraph, RUNWAY_OPERATION, runwayOf } from "./runway-graph.ts";
import type { LiveGraph } from "./subgraphs.ts";
import type { Target, Targets } from "./targets.ts";

/** What clients follow: a subscription, and what it says, so that a broadcast can send the very same. */
export interface Scenario {
  graph: LiveGraph;
  topic: string;
  payload: { query: string; variables?: Record<string, unknown> };
  /** The data of the event with this number. */
  dataOf(number: number): object;
}

/** About 1.3 KB an event, which needs one entity of the second subgraph. */
export function tickScenario(): Scenario {
  const padding = "x".repeat(1_100);
  return {
    graph: createTickerGraph(),
    topic: "bench",
    payload: {
      query: `subscription { tick(topic: "bench", size: ${padding.length}) { number at tenant padding place { name height } } }`,
    },
    dataOf: (number) => ({
      tick: {
        number,
        at: performance.timeOrigin + performance.now(),
        tenant: "default",
        padding,
        place: { name: "Place bench", height: 7 },
      },
    }),
  };
}

/** The operation of our own dashboard, on our own supergraph. */
export function runwayScenario(): Scenario {
  const projectId = "3f0e9a52-7c1d-4f0b-9c55-0d8f7d1f6a10";
  return {
    graph: createRunwayGraph(),
    topic: projectId,
    payload: { query: RUNWAY_OPERATION, variables: { projectId } },
    dataOf: (number) => ({ budgetRunway: runwayOf(projectId, number, new Date()) }),
  };
}

export type ContenderName = "bare" | "ours" | "hive";

/** A server under load: how it starts, what its clients ask, and how the next event of the sequence happens. */
export interface Contender {
  name: ContenderName;
  start: () => Promise<Target>;
  payload?: Scenario["payload"];
  emit(target: Target): void;
}

/** The limit, ours and Hive Gateway; the gateways share subgraphs, supergraph and events. */
export function createContenders(scenario: Scenario, targets: Targets): readonly Contender[] {
  const { payload, graph, topic } = scenario;
  const emit = () => graph.emit(topic);
  return [
    { name: "bare", start: () => targets.broadcast(), emit: broadcasting(scenario) },
    { name: "ours", start: () => targets.gateway(), payload, emit },
    { name: "hive", start: () => targets.hive(), payload, emit },
  ];
}

/** The same bytes as the gateways send, ready made. */
function broadcasting(scenario: Scenario): (target: Target) => void {
  let number = 0;
  return ({ process }) => {
    number += 1;
    const payload = { data: scenario.dataOf(number), extensions: { eventId: String(number) } };
    const id = "6f1c2c7e-5d0e-4b0e-9f3b-0a4c1f6b7d11";
    process.send({ broadcast: JSON.stringify({ type: "next", payload, id }) });
  };
}
