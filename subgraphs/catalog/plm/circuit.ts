import type { PlmConfig } from "./config.ts";
import { randomUUID } from "node:crypto";
import { createHub } from "../../../lib/hub.ts";
import { type CircuitBreaker, createCircuitBreaker } from "../../../lib/circuit-breaker.ts";
import { createCircuitHistory, createCircuitStates, shareCircuit } from "./adapters/circuit-store.ts";
import type { Events } from "./events.ts";
import type { CatalogMetrics } from "./adapters/metrics.ts";
import { judgePlmFailure } from "./adapters/partner/guarded-source.ts";
import { PLM_CIRCUIT } from "./operations/circuits.ts";
import {
  type CircuitSnapshot,
  type CircuitTransition,
  type Circuits,
  PlmFailure,
  type PlmModes,
  type PlmSource,
} from "../products/operations/ports.ts";
import type { CatalogDeps } from "../deps.ts";

const PROBES = 3;
const OPEN_MAX_MS = 120_000;

const openMaxOf = ({ openMs }: { openMs: number }) => Math.max(openMs, OPEN_MAX_MS);

interface CircuitDeps extends CatalogDeps {
  events: Events;
  metrics: CatalogMetrics;
  source: PlmSource;
  modes: Pick<PlmModes, "current">;
}

/** The circuit breaker before the PLM, its history, those who watch it, and the other replicas that follow it. */
export async function createPlmCircuit(rules: PlmConfig["circuit"], deps: CircuitDeps) {
  const { clock, log, metrics } = deps;
  const history = createCircuitHistory(deps.db, deps);
  const { slowCallMs, ...times } = rules;
  const moved = (transition: CircuitTransition) => {
    if (transition.from !== transition.to) log.warn(transition, "the circuit changed its state");
    metrics.circuitChanged(transition);
  };
  const breaker = createCircuitBreaker(
    {
      name: PLM_CIRCUIT,
      rules: { ...times, openMaxMs: openMaxOf(rules), probes: PROBES, consecutive: rules.threshold },
      slowCallMs,
    },
    {
      clock,
      log,
      random: Math.random,
      judge: judgePlmFailure,
      probe: () => probe(deps),
      onTransition: (transition) => {
        moved(transition);
        void history.record(transition);
        replicas.share();
        hub.changed(transition.circuit);
      },
      onFollowed: (transition) => {
        moved(transition);
        hub.changed(transition.circuit);
      },
    },
  );
  const replicas = shareCircuit(PLM_CIRCUIT, {
    ...deps,
    history,
    states: createCircuitStates(deps.db, deps),
    breaker: () => breaker,
  });
  const snapshot = (name: string) => (name === PLM_CIRCUIT ? breaker.snapshot() : undefined);
  const hub = createHub<CircuitSnapshot>({
    load: async (name) => snapshot(name),
    onError: (error) => log.error({ err: error }, "the circuit cannot be read"),
  });
  await replicas.follow();
  const circuits: Circuits = {
    names: [PLM_CIRCUIT],
    snapshot,
    watch: (name) => hub.watch(name),
    ...manual(breaker, replicas),
    history,
  };
  const close = async () => {
    breaker.close();
    hub.close();
    await replicas.settled();
    await history.settled();
  };
  return { breaker, circuits, close };
}

/** Disabled means that no call leaves: the circuit then stays as it is until calls are allowed again. */
async function probe({ source, modes }: CircuitDeps): Promise<void> {
  if (modes.current().mode === "DISABLED")
    throw new PlmFailure("UNAVAILABLE", "The PLM is disabled", { countsForCircuit: false });
  await source.readCatalogue({ correlationId: randomUUID() });
}

/** What a person does to the circuit; done when the other replicas have been told. */
const manual = (
  breaker: CircuitBreaker,
  replicas: { settled(): Promise<void> },
): Pick<Circuits, "isolate" | "release"> => ({
  isolate: async (_name, cause) => {
    breaker.isolate(cause);
    await replicas.settled();
  },
  release: async (_name, cause) => {
    breaker.release(cause);
    await replicas.settled();
  },
});
