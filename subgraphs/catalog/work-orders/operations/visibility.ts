import { CodedError } from "../../../../lib/errors.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { isPlanner } from "../domain/access.ts";
import type { Visibility } from "./ports.ts";

/** @throws CodedError FORBIDDEN for an operator */
export function requirePlanner(actor: Actor, verb: "create" | "change" | "restore"): void {
  if (isPlanner(actor)) return;
  throw new CodedError("FORBIDDEN", `Only a supervisor or an administrator may ${verb} work orders`);
}

/** Operators see what is at a stage of their departments. */
export const visibilityOf = (actor: Actor): Visibility => ({
  tenant: actor.tenant,
  departments: isPlanner(actor) ? undefined : actor.departments,
});
