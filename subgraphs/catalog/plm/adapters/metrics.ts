import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { messageOf } from "../../../../lib/errors.ts";
import type { Clock } from "../../../../lib/clock.ts";
import type { Log } from "../../../../lib/log.ts";
import type { Provenance } from "../../products/domain/provenance.ts";
import {
  PlmFailure,
  type CircuitKind,
  type CircuitTransition,
  type PlmFailureReason,
  type PlmSource,
} from "../../products/operations/ports.ts";

/** How a call to the PLM ended, with token, queue and retry. */
export interface PlmCallEnd {
  outcome: "OK" | PlmFailureReason | "UNEXPECTED";
  durationMs: number;
}

export interface CatalogMetrics {
  plmAnswered(call: PlmCallEnd): void;
  catalogueRead(provenance: Provenance): void;
  circuitChanged(transition: CircuitTransition): void;
}

const CIRCUIT_KINDS: readonly CircuitKind[] = ["CLOSED", "OPEN", "HALF_OPEN", "ISOLATED"];

/** What the catalogue tells Prometheus; the named circuits begin closed. */
export function createCatalogMetrics(registry: Registry, circuits: readonly string[]): CatalogMetrics {
  const registers = [registry];
  const durations = new Histogram({
    name: "plm_request_duration_seconds",
    help: "Calls to the PLM by outcome, with token, queue and retry",
    labelNames: ["outcome"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.7, 1, 2, 5],
    registers,
  });
  const reads = new Counter({
    name: "catalogue_reads_total",
    help: "Reads of the catalogue by the source that answered, and why it was not the PLM",
    labelNames: ["source", "reason"],
    registers,
  });
  const state = new Gauge({
    name: "circuit_state",
    help: "1 for the state that the circuit is in, 0 for the others",
    labelNames: ["circuit", "state"],
    registers,
  });
  const transitions = new Counter({
    name: "circuit_transitions_total",
    help: "Changes of state of the circuit",
    labelNames: ["circuit", "from", "to"],
    registers,
  });
  const show = (circuit: string, current: CircuitKind) => {
    for (const kind of CIRCUIT_KINDS)
      state.set({ circuit, state: kind.toLowerCase() }, kind === current ? 1 : 0);
  };
  for (const circuit of circuits) show(circuit, "CLOSED");
  return {
    plmAnswered: ({ outcome, durationMs }) =>
      durations.observe({ outcome: outcome.toLowerCase() }, durationMs / 1000),
    catalogueRead: ({ source, fallbackReason }) =>
      reads.inc({ source: source.toLowerCase(), reason: fallbackReason?.toLowerCase() ?? "none" }),
    circuitChanged: ({ circuit, from, to }) => {
      transitions.inc({ circuit, from: from.toLowerCase(), to: to.toLowerCase() });
      show(circuit, to);
    },
  };
}

/** Measures every call to the PLM and logs the failed ones under their correlation id. */
export function observePlmSource(
  source: PlmSource,
  deps: { onCall: (call: PlmCallEnd) => void; clock: Clock; log: Log },
): PlmSource {
  const observed = async <T>(correlationId: string, call: () => Promise<T>): Promise<T> => {
    const startedAtMs = deps.clock.monotonicMs();
    const ended = (outcome: PlmCallEnd["outcome"]) =>
      deps.onCall({ outcome, durationMs: deps.clock.monotonicMs() - startedAtMs });
    try {
      const answer = await call();
      ended("OK");
      return answer;
    } catch (error) {
      const reason = error instanceof PlmFailure ? error.reason : "UNEXPECTED";
      ended(reason);
      const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined;
      deps.log.warn({ reason, correlationId, why: messageOf(error), cause }, "the PLM failed");
      throw error;
    }
  };
  return {
    readCatalogue: (request) => observed(request.correlationId, () => source.readCatalogue(request)),
    readConfiguration: (request) => observed(request.correlationId, () => source.readConfiguration(request)),
  };
}
