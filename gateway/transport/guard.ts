import {
  createCircuitBreaker,
  type CircuitSnapshot,
  type CircuitTransition,
} from "../../lib/circuit-breaker.ts";
import type { Clock } from "../../lib/clock.ts";
import { messageOf } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import type { TransportSettings } from "./config.ts";
import { asRefusal, judge, outOfTime, overloaded, refusalOf } from "../errors/failures.ts";
import { createLatencies } from "./latencies.ts";
import type { SubgraphMeter } from "./metrics.ts";
import { createRetry } from "./retry.ts";

/** A subgraph as its guard finds it. */
export interface SubgraphHealth {
  name: string;
  reachable: boolean;
  latencyP95Ms: number | null;
  callsInFlight: number;
  failures: number;
  lastAnswerAt: Date | null;
  lastError: string | null;
  circuit: CircuitSnapshot;
  /** Newest first. */
  transitions: readonly CircuitTransition[];
}

interface GuardedCall<T> {
  caller: Caller;
  /** False for what must not be done twice. */
  isRepeatable: boolean;
  /** Asks the subgraph; must settle within the given time. */
  call: (timeoutMs: number) => Promise<T>;
}

/** Stands between the engine and one subgraph: deadline, retry, circuit breaker and a bound on what waits. */
export interface SubgraphGuard {
  /** @throws CodedError SUBGRAPH_UNAVAILABLE or SUBGRAPH_TIMEOUT when there is no answer */
  run<T>(request: GuardedCall<T>): Promise<T>;
  health(): SubgraphHealth;
  /** Asks the subgraph for next to nothing if it has not been asked lately; never rejects. */
  look(): Promise<void>;
  close(): void;
}

export interface GuardDependencies {
  clock: Clock;
  log: Log;
  /** A number in [0, 1). */
  random: () => number;
  /** Asks the subgraph for next to nothing. */
  probe: (timeoutMs: number) => Promise<unknown>;
  /** The subgraph became reachable or unreachable, or its circuit moved. */
  onChange: () => void;
  meter: SubgraphMeter;
}

const OPEN_MAX_MS = 30_000;
const KEPT_TRANSITIONS = 100;
const PROBE_TIMEOUT_MS = 2_000;
/** What was found so long ago is looked at again. */
const LOOK_AGE_MS = 2_000;

export function createSubgraphGuard(
  name: string,
  settings: TransportSettings,
  deps: GuardDependencies,
): SubgraphGuard {
  const { clock } = deps;
  const record = createRecord(deps);
  const retry = createRetry({ ...deps, onRetry: () => deps.meter.retried() });
  const probe = () => record.observe(() => deps.probe(Math.min(PROBE_TIMEOUT_MS, settings.timeoutMs)));
  const breaker = createCircuitBreaker(
    { name, rules: rulesFrom(settings), slowCallMs: Number.POSITIVE_INFINITY },
    { ...deps, judge, probe, onTransition: record.moved, onFollowed: record.moved },
  );
  const bound = settings.maxConcurrent + settings.maxWaiting;

  const attempt = <T>({ call }: GuardedCall<T>, leftMs: () => number): Promise<T> => {
    if (record.inFlight() >= bound) throw overloaded(name);
    const left = Math.floor(leftMs());
    if (left < 1) throw outOfTime(name);
    if (left >= settings.timeoutMs) return record.observe(() => call(settings.timeoutMs));
    return record
      .observe(() => call(left))
      .catch((error: unknown) => {
        throw judge(error).counts && leftMs() < 1 ? outOfTime(name) : error;
      });
  };

  return {
    run: async (request) => {
      const { deadlineAtMs = Number.POSITIVE_INFINITY } = request.caller;
      const timeLeftMs = () => deadlineAtMs - clock.monotonicMs();
      try {
        return await retry({ isRepeatable: request.isRepeatable, timeLeftMs }, () =>
          breaker.run(() => attempt(request, timeLeftMs)),
        );
      } catch (error) {
        const refusal = refusalOf(error);
        if (refusal) deps.meter.refused(refusal);
        throw asRefusal(name, error);
      }
    },
    health: () => ({ name, ...record.health(), circuit: breaker.snapshot() }),
    look: async () => {
      if (record.ageMs() < LOOK_AGE_MS || breaker.snapshot().state !== "CLOSED") return;
      await breaker.run(probe).catch(() => {});
    },
    close: () => breaker.close(),
  };
}

const rulesFrom = ({ circuit }: TransportSettings) => ({
  ...circuit,
  openMaxMs: Math.max(OPEN_MAX_MS, circuit.openMs),
  probes: 1,
  successForgives: true,
});

/** What is remembered of the calls to a subgraph. */
function createRecord({ clock, log, onChange, meter }: GuardDependencies) {
  const latencies = createLatencies();
  const transitions: CircuitTransition[] = [];
  const state = { inFlight: 0, failures: 0, reachable: false, endedAtMs: Number.NEGATIVE_INFINITY };
  const last: { answerAt: Date | null; error: string | null } = { answerAt: null, error: null };

  const ended = (reachable: boolean) => {
    const isNew = state.reachable !== reachable;
    state.reachable = reachable;
    state.endedAtMs = clock.monotonicMs();
    if (isNew) onChange();
  };
  return {
    inFlight: () => state.inFlight,
    ageMs: () => clock.monotonicMs() - state.endedAtMs,
    observe: async <T>(call: () => Promise<T>): Promise<T> => {
      const startedMs = clock.monotonicMs();
      const tookMs = () => clock.monotonicMs() - startedMs;
      state.inFlight += 1;
      meter.began();
      try {
        const answer = await call();
        latencies.add(tookMs());
        meter.ended("answered", tookMs());
        last.answerAt = clock.now();
        ended(true);
        return answer;
      } catch (error) {
        state.failures += 1;
        meter.ended("failed", tookMs());
        last.error = messageOf(error);
        if (judge(error).counts) ended(false);
        throw error;
      } finally {
        state.inFlight -= 1;
      }
    },
    moved: (transition: CircuitTransition) => {
      transitions.unshift(transition);
      transitions.length = Math.min(transitions.length, KEPT_TRANSITIONS);
      meter.circuitMoved(transition.to);
      log.warn(transition, "the circuit of a subgraph changed its state");
      onChange();
    },
    health: () => ({
      reachable: state.reachable,
      latencyP95Ms: latencies.p95Ms(),
      callsInFlight: state.inFlight,
      failures: state.failures,
      lastAnswerAt: last.answerAt,
      lastError: last.error,
      transitions: [...transitions],
    }),
  };
}
