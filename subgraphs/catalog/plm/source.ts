import type { PlmConfig } from "./config.ts";
import type { Events } from "./events.ts";
import { observePlmSource, type CatalogMetrics, type PlmCallEnd } from "./adapters/metrics.ts";
import { createPlmClient } from "./adapters/partner/client.ts";
import { guardPlmSource } from "./adapters/partner/guarded-source.ts";
import { bucketOf } from "./domain/measures.ts";
import { PlmFailure, type Circuits, type PlmModes, type PlmSource } from "../products/operations/ports.ts";
import type { Observations } from "./ports.ts";
import { createPlmCircuit } from "./circuit.ts";
import type { CatalogDeps } from "../deps.ts";

interface SourceDeps extends CatalogDeps {
  metrics: CatalogMetrics;
  events: Events;
  observations: Observations;
  modes: Pick<PlmModes, "current">;
}

/** Few calls at the same time, because the PLM's answers belong to those who wait for them. */
const SHADOW_CONCURRENT = 2;

interface GuardedPlm {
  plm: PlmSource;
  /** The same PLM behind the same circuit, with a bulkhead and a deadline of its own. */
  shadow: PlmSource;
  circuits: Circuits;
  close: () => Promise<void>;
}

/** The PLM behind its circuit breaker. */
export async function createPlmSource(plm: PlmConfig, deps: SourceDeps): Promise<GuardedPlm> {
  const { clock, metrics, observations } = deps;
  const parts = { clock, random: Math.random };
  const client = plm.connection && createPlmClient(plm.connection, parts);
  const shadowLimits = { deadlineMs: plm.shadow.deadlineMs, maxConcurrent: SHADOW_CONCURRENT };
  const shadowClient = plm.connection && createPlmClient({ ...plm.connection, ...shadowLimits }, parts);
  const onCall = (call: PlmCallEnd) => {
    metrics.plmAnswered(call);
    observations.add("call", call.outcome);
    observations.add("latency", String(bucketOf(call.durationMs)));
  };
  const observed = observePlmSource(client ?? NOT_CONNECTED, { ...deps, onCall });
  const observedShadow = observePlmSource(shadowClient ?? NOT_CONNECTED, { ...deps, onCall });
  const { breaker, circuits, close } = await createPlmCircuit(plm.circuit, { ...deps, source: observed });
  return {
    plm: guardPlmSource(observed, breaker),
    shadow: guardPlmSource(observedShadow, breaker),
    circuits,
    close: async () => {
      await close();
      await Promise.all([client?.close(), shadowClient?.close()]);
    },
  };
}

const notConnected = () =>
  Promise.reject(new PlmFailure("UNAVAILABLE", "PLM_BASE_URL is not set", { countsForCircuit: false }));

/** Never asked, because the mode stays disabled without a connection. */
const NOT_CONNECTED: PlmSource = { readCatalogue: notConnected, readConfiguration: notConnected };
