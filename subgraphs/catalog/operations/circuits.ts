import { badInput } from "../../../lib/errors.ts";
import type { Circuits, CircuitSnapshot, CircuitTransition } from "./ports.ts";

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
