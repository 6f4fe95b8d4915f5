import type { MutationResolvers } from "../generated/resolver-types.ts";
import * as operations from "../operations/start-projects.ts";
import { toOrder } from "./start-project.ts";
import { asUserError } from "./user-errors.ts";

const FAILURES = ["InvalidInput", "NotFound", "Conflict", "Unavailable"] as const;

/** What is wrong with the call as a whole is an error; what is wrong with one run is that run's result. */
export const startProjects: NonNullable<MutationResolvers["startProjects"]> = async (
  _parent,
  { inputs, idempotencyKey },
  { ports, principal, extensions },
) => {
  const items = await operations.startProjects(ports, principal, {
    orders: inputs.map(toOrder),
    idempotencyKey,
  });
  const started = items.filter((item) => "run" in item);
  const [first] = started;
  if (first) {
    const replayed = started.every((item) => item.replayed);
    extensions["idempotency"] = { key: idempotencyKey, replayed, expiresAt: first.expiresAt.toISOString() };
  }
  return items.map((item) =>
    "failure" in item
      ? asUserError(FAILURES, item.failure)
      : { __typename: "StartProjectSuccess" as const, ...item },
  );
};
