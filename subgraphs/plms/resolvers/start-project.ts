import type { MutationResolvers, StartProjectInput } from "../generated/resolver-types.ts";
import * as operations from "../operations/start-project.ts";
import { inside } from "../../kit/enums.ts";
import { orUserError } from "./user-errors.ts";

export const startProject: NonNullable<MutationResolvers["startProject"]> = (
  _parent,
  { input, idempotencyKey },
  { ports, principal, extensions },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict", "Unavailable"], async () => {
    const started = await operations.startProject(ports, principal, { ...toOrder(input), idempotencyKey });
    extensions["idempotency"] = {
      key: idempotencyKey,
      replayed: started.replayed,
      expiresAt: started.expiresAt.toISOString(),
    };
    return { __typename: "StartProjectSuccess" as const, ...started };
  });

/** An input as the use cases take it. */
export const toOrder = ({ runKind, ...input }: StartProjectInput): operations.RunOrder => ({
  ...input,
  runKind: runKind && inside(runKind),
});
