import type { Clock } from "../../../../lib/clock.ts";
import { badInput } from "../../../../lib/errors.ts";
import { checkedSpan, type TimeSpan } from "../../../../lib/time-span.ts";
import { requireText, type Asker } from "./modes.ts";
import type {
  CircuitKind,
  Circuits,
  CircuitSnapshot,
  CircuitTransition,
} from "../../products/operations/ports.ts";

export const PLM_CIRCUIT = "plm";

const TRANSITIONS_MAX = 100;

/** @throws CodedError BAD_USER_INPUT for a name that no circuit has */
export function readCircuit(circuits: Circuits, name: string): CircuitSnapshot {
  const snapshot = circuits.snapshot(name);
  if (!snapshot) throw badInput("name", name, `one of ${circuits.names.join(", ")}`);
  return snapshot;
}

/** @throws CodedError BAD_USER_INPUT for a name that no circuit has */
export function watchCircuit(circuits: Circuits, name: string): AsyncIterableIterator<CircuitSnapshot> {
  readCircuit(circuits, name);
  return circuits.watch(name);
}

/**
 * Keeps every call away from the system behind the circuit, in all replicas, until the circuit is released.
 *
 * @throws CodedError BAD_USER_INPUT for a name that no circuit has or a missing reason
 */
export async function isolateCircuit(
  circuits: Circuits,
  input: { name: string; reason: string },
  actor: Asker,
): Promise<CircuitSnapshot> {
  readCircuit(circuits, input.name);
  await circuits.isolate(input.name, `isolated by ${actor.subject}: ${requireText("reason", input.reason)}`);
  return readCircuit(circuits, input.name);
}

/**
 * Lets calls pass again; a circuit that was not isolated stays as it is.
 *
 * @throws CodedError BAD_USER_INPUT for a name that no circuit has or an empty reason
 */
export async function releaseCircuit(
  circuits: Circuits,
  input: { name: string; reason?: string | null | undefined },
  actor: Asker,
): Promise<CircuitSnapshot> {
  const { name, reason } = input;
  readCircuit(circuits, name);
  const why = reason === null || reason === undefined ? "" : `: ${requireText("reason", reason)}`;
  await circuits.release(name, `released by ${actor.subject}${why}`);
  return readCircuit(circuits, name);
}

/** The states of a circuit over a span of time. */
export interface CircuitStates extends TimeSpan {
  /** The state at the beginning. */
  stateBefore: CircuitKind;
  /** Oldest first. */
  transitions: CircuitTransition[];
  /** False when there were more, and older ones are left out. */
  isComplete: boolean;
}

const MOST_IN_SPAN = 500;

/** @throws CodedError BAD_USER_INPUT for a name that no circuit has, or a span that is none */
export async function circuitStates(
  { circuits, clock }: { circuits: Circuits; clock: Clock },
  { name, ...asked }: { name: string; from: Date; to: Date | undefined },
): Promise<CircuitStates> {
  const { state } = readCircuit(circuits, name);
  const now = clock.now();
  const span = checkedSpan({ from: asked.from, to: asked.to ?? now }, now);
  const found = await circuits.history.within(name, span, MOST_IN_SPAN + 1);
  const transitions = found.slice(0, MOST_IN_SPAN).toReversed();
  const before = transitions[0]?.from ?? (await circuits.history.before(name, span.from))?.to;
  return {
    ...span,
    // A circuit that never moved is as it was.
    stateBefore: before ?? state,
    transitions,
    isComplete: found.length <= MOST_IN_SPAN,
  };
}

/**
 * Changes of state, newest first.
 *
 * @throws CodedError BAD_USER_INPUT when `last` is outside 1-100
 */
export async function listTransitions(
  circuits: Circuits,
  input: { circuit: string; last: number },
): Promise<CircuitTransition[]> {
  const { circuit, last } = input;
  if (last < 1 || last > TRANSITIONS_MAX)
    throw badInput("last", last, `an integer from 1 to ${TRANSITIONS_MAX}`);
  return circuits.history.latest(circuit, last);
}
