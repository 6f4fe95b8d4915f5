/**
 * A circuit breaker as a pure state machine: "so many failures within so long" opens it, whatever succeeds in
 * between; time half-opens it; successful probes close it. Instants are milliseconds of a clock that never jumps.
 */
export interface CircuitRules {
  /** Failures within the window that open the circuit. */
  threshold: number;
  windowMs: number;
  /** How long the circuit stays open the first time; doubles with every failed probe. */
  openMs: number;
  openMaxMs: number;
  /** Calls that may run while half-open, and successes among them that close the circuit. */
  probes: number;
  /**
   * A success takes one failure back, so that the circuit opens only where failures outnumber successes: for calls of
   * many callers, where five failures among a hundred thousand are no outage.
   */
  successForgives?: boolean;
  /**
   * So many failures without a success between them open the circuit however far apart they come: a side that is asked
   * once a minute is as dead after five of them as one that is asked a thousand times a second.
   */
  consecutive?: number;
}

/** Grows with every change of kind, so that the end of a call can be matched with the state that admitted it. */
interface Generation {
  generation: number;
}

/** Calls pass; failures are counted. */
export interface ClosedCircuit extends Generation {
  kind: "CLOSED";
  /** Failures within the window, oldest first. */
  failuresAtMs: readonly number[];
  /** Failures since the last success; counted only where `consecutive` is a rule. */
  failuresInARow?: number;
}

interface OpenCircuit extends Generation {
  kind: "OPEN";
  cause: string;
  /** Openings since the circuit was last closed, at least 1. */
  openings: number;
  probeAtMs: number;
}

interface HalfOpenCircuit extends Generation {
  kind: "HALF_OPEN";
  cause: string;
  openings: number;
  probesRunning: number;
  probesSucceeded: number;
}

interface IsolatedCircuit extends Generation {
  kind: "ISOLATED";
  cause: string;
}

/** What a circuit can be. */
export type CircuitKind = Circuit["kind"];

/** The four states of a circuit. */
export type Circuit = ClosedCircuit | OpenCircuit | HalfOpenCircuit | IsolatedCircuit;

interface CallEnd extends Generation {
  atMs: number;
}

/** What may happen to a circuit; every time is in milliseconds of a monotonic clock. */
export type CircuitEvent =
  | { type: "call-started"; atMs: number }
  | ({ type: "call-succeeded" } & CallEnd)
  /** Ended in a way that says nothing about the health of the other side. */
  | ({ type: "call-irrelevant" } & CallEnd)
  | ({ type: "call-failed"; cause: string } & CallEnd & OpenFor)
  | { type: "time-passed"; atMs: number }
  | { type: "isolated"; atMs: number; cause: string }
  | { type: "released"; atMs: number }
  /** Another replica's circuit changed; this one follows. */
  | { type: "followed"; atMs: number; other: SharedCircuit };

/** What replicas tell each other: a replica that probes is open to the others, for as long as it may take. */
export type SharedCircuit =
  | { kind: "CLOSED"; generation: number }
  | { kind: "OPEN"; generation: number; cause: string; openings: number; probeAtMs: number }
  | { kind: "ISOLATED"; generation: number; cause: string };

interface OpenFor {
  /** 0-1: lengthens the open time by up to a quarter, so that replicas do not probe in step. */
  jitter: number;
  /** What the other side asked to wait; 0 when it did not. */
  retryAfterMs: number;
}

const JITTER_SHARE = 0.25;

/** How every circuit begins. */
export const closedCircuit: ClosedCircuit = { kind: "CLOSED", generation: 0, failuresAtMs: [] };

/** True when a call may start now; every `call-started` event has to be one that is admitted. */
export function admits(rules: CircuitRules, circuit: Circuit): boolean {
  if (circuit.kind === "CLOSED") return true;
  return circuit.kind === "HALF_OPEN" && circuit.probesRunning + circuit.probesSucceeded < rules.probes;
}

/** Failures that count at `nowMs`. */
export function failuresInWindow(rules: CircuitRules, circuit: Circuit, nowMs: number): number {
  return circuit.kind === "CLOSED" ? withinWindow(rules, circuit.failuresAtMs, nowMs).length : 0;
}

/** The state after an event. Events of calls that an earlier state admitted change nothing. */
export function nextCircuit(rules: CircuitRules, circuit: Circuit, event: CircuitEvent): Circuit {
  switch (event.type) {
    case "time-passed":
      return halfOpenWhenDue(circuit, event.atMs);
    case "call-started":
      return circuit.kind === "HALF_OPEN"
        ? { ...circuit, probesRunning: circuit.probesRunning + 1 }
        : circuit;
    case "call-succeeded":
    case "call-irrelevant":
    case "call-failed":
      return event.generation === circuit.generation ? afterCall(rules, circuit, event) : circuit;
    case "isolated":
      return { kind: "ISOLATED", generation: circuit.generation + 1, cause: event.cause };
    case "released":
      return circuit.kind === "ISOLATED" ? close(circuit) : circuit;
    case "followed":
      return follow(circuit, event.other);
    default:
      return event satisfies never;
  }
}

/** Calls that run belong to an earlier generation from now on. */
function follow(circuit: Circuit, other: SharedCircuit): Circuit {
  const generation = Math.max(circuit.generation + 1, other.generation);
  return other.kind === "CLOSED"
    ? { kind: "CLOSED", generation, failuresAtMs: [] }
    : { ...other, generation };
}

function halfOpenWhenDue(circuit: Circuit, nowMs: number): Circuit {
  if (circuit.kind !== "OPEN" || nowMs < circuit.probeAtMs) return circuit;
  const { cause, openings } = circuit;
  return {
    kind: "HALF_OPEN",
    generation: circuit.generation + 1,
    cause,
    openings,
    probesRunning: 0,
    probesSucceeded: 0,
  };
}

type CallEndEvent = Extract<CircuitEvent, CallEnd>;

function afterCall(rules: CircuitRules, circuit: Circuit, event: CallEndEvent): Circuit {
  if (circuit.kind === "CLOSED") {
    if (event.type === "call-failed") return countFailure(rules, circuit, event);
    return event.type === "call-succeeded" ? countSuccess(rules, circuit) : circuit;
  }
  if (circuit.kind !== "HALF_OPEN") return circuit;
  if (event.type === "call-failed") return open(rules, circuit, event);
  const probesRunning = circuit.probesRunning - 1;
  const probesSucceeded = circuit.probesSucceeded + (event.type === "call-succeeded" ? 1 : 0);
  return probesSucceeded >= rules.probes ? close(circuit) : { ...circuit, probesRunning, probesSucceeded };
}

type CallFailed = Extract<CircuitEvent, { type: "call-failed" }>;

function countFailure(rules: CircuitRules, circuit: ClosedCircuit, event: CallFailed): Circuit {
  const failuresAtMs = [...withinWindow(rules, circuit.failuresAtMs, event.atMs), event.atMs];
  if (failuresAtMs.length >= rules.threshold) return open(rules, circuit, event);
  if (rules.consecutive === undefined) return { ...circuit, failuresAtMs };
  const failuresInARow = (circuit.failuresInARow ?? 0) + 1;
  return failuresInARow >= rules.consecutive
    ? open(rules, circuit, event)
    : { ...circuit, failuresAtMs, failuresInARow };
}

function countSuccess(rules: CircuitRules, circuit: ClosedCircuit): ClosedCircuit {
  const closed = rules.successForgives ? forgive(circuit) : circuit;
  return closed.failuresInARow ? { ...closed, failuresInARow: 0 } : closed;
}

/** Without the oldest failure. */
const forgive = (circuit: ClosedCircuit): ClosedCircuit =>
  circuit.failuresAtMs.length === 0 ? circuit : { ...circuit, failuresAtMs: circuit.failuresAtMs.slice(1) };

function open(rules: CircuitRules, circuit: ClosedCircuit | HalfOpenCircuit, event: CallFailed): OpenCircuit {
  const openings = circuit.kind === "HALF_OPEN" ? circuit.openings + 1 : 1;
  const backoffMs = rules.openMs * 2 ** (openings - 1) * (1 + JITTER_SHARE * event.jitter);
  const openForMs = Math.min(rules.openMaxMs, Math.max(backoffMs, event.retryAfterMs));
  return {
    kind: "OPEN",
    generation: circuit.generation + 1,
    cause: event.cause,
    openings,
    probeAtMs: event.atMs + openForMs,
  };
}

const close = (circuit: Circuit): ClosedCircuit => ({
  kind: "CLOSED",
  generation: circuit.generation + 1,
  failuresAtMs: [],
});

const withinWindow = (
  rules: CircuitRules,
  failuresAtMs: readonly number[],
  nowMs: number,
): readonly number[] => failuresAtMs.filter((atMs) => nowMs - atMs < rules.windowMs);
