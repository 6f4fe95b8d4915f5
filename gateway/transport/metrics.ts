import { Counter, Gauge, type Registry } from "prom-client";
import type { CircuitKind } from "../../lib/circuit.ts";
import { hotCounter, hotGauge, hotHistogram } from "../../lib/hot-metrics.ts";
import type { CallLimit } from "../errors/failures.ts";
import type { FailureKind, StreamProtocolName } from "./streams/stream-protocol.ts";

/** Why a call was refused or given up by us. */
type CallRefusal = CallLimit | "circuit";

/** What the guard of one subgraph tells of itself. */
export interface SubgraphMeter {
  began(): void;
  ended(outcome: "answered" | "failed", durationMs: number): void;
  retried(): void;
  refused(reason: CallRefusal): void;
  circuitMoved(to: CircuitKind): void;
  readonly streams: StreamMeter;
}

/** What the streams of one subgraph tell of themselves. */
export interface StreamMeter {
  opened(protocol: StreamProtocolName): void;
  closed(protocol: StreamProtocolName): void;
  failed(reason: FailureKind): void;
}

/** A meter for the guard of the subgraph of that name. */
export type SubgraphMeters = (subgraph: string) => SubgraphMeter;

const STATES: readonly CircuitKind[] = ["CLOSED", "OPEN", "HALF_OPEN", "ISOLATED"];

export interface SubgraphListeners {
  /** Hears of every limit that a call has met, to count it where all limits are counted. */
  onLimit: (limit: CallLimit) => void;
  /** Hears of every call when it is over. */
  onCall?: (subgraph: string, outcome: "answered" | "failed", durationMs: number) => void;
}

export function createSubgraphMeters(
  registry: Registry,
  { onLimit, onCall }: SubgraphListeners,
): SubgraphMeters {
  const metrics = register(registry);
  return (subgraph) => {
    const outcomes = {
      answered: metrics.calls({ subgraph, outcome: "answered" }),
      failed: metrics.calls({ subgraph, outcome: "failed" }),
    };
    const durations = metrics.durations({ subgraph });
    const inFlight = metrics.inFlight({ subgraph });
    const showState = (current: CircuitKind) => {
      for (const state of STATES) metrics.circuit.set({ subgraph, state }, state === current ? 1 : 0);
    };
    showState("CLOSED");
    metrics.retries.inc({ subgraph }, 0);
    return {
      began: () => inFlight.inc(),
      ended: (outcome, durationMs) => {
        inFlight.dec();
        outcomes[outcome].inc();
        durations.observe(durationMs / 1000);
        onCall?.(subgraph, outcome, durationMs);
      },
      retried: () => metrics.retries.inc({ subgraph }),
      refused: (reason) => {
        metrics.refusals.inc({ subgraph, reason });
        if (reason !== "circuit") onLimit(reason);
      },
      circuitMoved: (to) => {
        showState(to);
        metrics.transitions.inc({ subgraph, to });
      },
      streams: {
        opened: (protocol) => metrics.streams.inc({ subgraph, protocol }),
        closed: (protocol) => metrics.streams.dec({ subgraph, protocol }),
        failed: (reason) => {
          metrics.streamFailures.inc({ subgraph, reason });
          if (reason === "silent") onLimit("subgraphSilence");
          if (reason === "size") onLimit("subgraphAnswer");
        },
      },
    };
  };
}

function register(registry: Registry) {
  const registers = [registry];
  return {
    calls: hotCounter({
      name: "gateway_subgraph_calls_total",
      help: "Calls to subgraphs that were made, repetitions included, by outcome",
      labelNames: ["subgraph", "outcome"],
      registry,
    }),
    durations: hotHistogram({
      name: "gateway_subgraph_call_duration_seconds",
      help: "Time that a call to a subgraph took, answered or not",
      labelNames: ["subgraph"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registry,
    }),
    inFlight: hotGauge({
      name: "gateway_subgraph_calls_in_flight",
      help: "Calls to a subgraph that run or wait for a connection",
      labelNames: ["subgraph"],
      registry,
    }),
    retries: new Counter({
      name: "gateway_subgraph_retries_total",
      help: "Calls to a subgraph that were repeated",
      labelNames: ["subgraph"] as const,
      registers,
    }),
    streams: new Gauge({
      name: "gateway_subgraph_streams",
      help: "Streams of a subgraph that are open, by protocol",
      labelNames: ["subgraph", "protocol"] as const,
      registers,
    }),
    streamFailures: new Counter({
      name: "gateway_subgraph_stream_failures_total",
      help: "Streams of a subgraph that did not open or broke, by reason",
      labelNames: ["subgraph", "reason"] as const,
      registers,
    }),
    refusals: new Counter({
      name: "gateway_subgraph_refusals_total",
      help: "Calls to a subgraph that its open circuit refused, or that met a limit",
      labelNames: ["subgraph", "reason"] as const,
      registers,
    }),
    circuit: circuitGauge(registers),
    transitions: new Counter({
      name: "gateway_subgraph_circuit_transitions_total",
      help: "Changes of the circuit of a subgraph, by the state it went to",
      labelNames: ["subgraph", "to"] as const,
      registers,
    }),
  };
}

/** Of several workers it says every state that the circuit is in at one of them. */
const circuitGauge = (registers: Registry[]) =>
  new Gauge({
    name: "gateway_subgraph_circuit",
    help: "1 for the state that the circuit of a subgraph is in",
    labelNames: ["subgraph", "state"] as const,
    aggregator: "max",
    registers,
  });
