import type { TickerGraph } from "../../test/subscriptions/support/ticker-graph.ts";
import type { Target, Targets } from "./targets.ts";

/** About 1.3 KB an event. */
const SIZE_CHARACTERS = 1_100;
const QUERY = `subscription { tick(topic: "bench", size: ${SIZE_CHARACTERS}) { number at tenant padding place { name height } } }`;

export type ContenderName = "bare" | "ours" | "hive";

/** A server under load: how it starts, what its clients ask, and how the next event of the sequence happens. */
export interface Contender {
  name: ContenderName;
  start: () => Promise<Target>;
  query?: string;
  emit(target: Target): void;
}

/** The limit, ours and Hive Gateway; the gateways share subgraphs, supergraph and events. */
export function createContenders(graph: TickerGraph, targets: Targets): readonly Contender[] {
  const emit = () => void graph.emit("bench");
  return [
    { name: "bare", start: () => targets.broadcast(), emit: broadcasting() },
    { name: "ours", start: () => targets.gateway(), query: QUERY, emit },
    { name: "hive", start: () => targets.hive(), query: QUERY, emit },
  ];
}

/** The same bytes as the gateways send, ready made. */
function broadcasting(): (target: Target) => void {
  let number = 0;
  return ({ process }) => {
    const tick = {
      number: ++number,
      at: performance.timeOrigin + performance.now(),
      tenant: "default",
      padding: "x".repeat(SIZE_CHARACTERS),
      place: { name: "Place bench", height: 7 },
    };
    const payload = { data: { tick }, extensions: { eventId: String(number) } };
    const id = "6f1c2c7e-5d0e-4b0e-9f3b-0a4c1f6b7d11";
    process.send({ broadcast: JSON.stringify({ type: "next", payload, id }) });
  };
}
