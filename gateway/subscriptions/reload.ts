import { GraphQLError, validate } from "graphql";
import type { Generation } from "../generations/generations.ts";
import { planTrigger } from "./plan-trigger.ts";
import type { Trigger } from "./trigger.ts";

/**
 * Moves a trigger to a new supergraph. Listeners who may no longer listen are told so; false when nobody can,
 * because the operation no longer fits.
 */
export function stillHolds(trigger: Trigger, generation: Generation): boolean {
  const { document } = trigger.spec.operation;
  const invalid = validate(generation.supergraph.apiSchema, document, undefined, { maxErrors: 20 });
  if (invalid.length > 0) return refuseAll(trigger, invalid.map(gone));
  for (const listener of trigger.listeners) listener.recheck();
  const plan = planTrigger(generation, trigger.spec.operation);
  if (!("endpoint" in plan)) return refuseAll(trigger, plan);
  trigger.replan(plan);
  return true;
}

function refuseAll(trigger: Trigger, errors: readonly GraphQLError[]): false {
  for (const listener of trigger.listeners) {
    trigger.detach(listener);
    listener.fail(errors);
  }
  return false;
}

const gone = ({ message, nodes }: GraphQLError) =>
  new GraphQLError(`The schema has changed: ${message}`, {
    nodes: nodes ?? null,
    extensions: { code: "GONE" },
  });
