import { GraphQLError, validate } from "graphql";
import type { Generations } from "../generations/generations.ts";
import { planTrigger } from "./plan-trigger.ts";
import type { Trigger } from "./trigger.ts";

/**
 * Moves a trigger to a new supergraph. Listeners who may no longer listen are told so at once; its events are completed as
 * before until there is a plan. False when nobody can listen, because the operation no longer fits.
 */
export async function stillHolds(trigger: Trigger, generations: Generations): Promise<boolean> {
  const generation = generations.current();
  const { document } = trigger.spec.operation;
  const invalid = validate(generation.supergraph.apiSchema, document, undefined, { maxErrors: 20 });
  if (invalid.length > 0) return refuseAll(trigger, invalid.map(gone));
  for (const listener of trigger.listeners) listener.recheck();
  // A client that has it planned too may be refused its turn; whether there is a plan is for `planTrigger` to say.
  await generation.engine.planAhead(trigger.spec.operation)?.catch(() => {});
  // A supergraph that is newer still has moved it, or will.
  if (generation !== generations.current()) return true;
  const plan = planTrigger(generation, trigger.spec.operation, trigger.spec.identity);
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
