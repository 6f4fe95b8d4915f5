import type { MutationResolvers } from "../generated/resolver-types.ts";
import * as operations from "../operations/start-project.ts";
import { inside } from "./enums.ts";
import { orUserError } from "./user-errors.ts";

export const startProject: NonNullable<MutationResolvers["startProject"]> = (
  _parent,
  { input, idempotencyKey },
  { ports, principal },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict", "Unavailable"], async () => {
    const started = await operations.startProject(ports, principal, {
      ...input,
      runKind: input.runKind && inside(input.runKind),
      idempotencyKey,
    });
    return { __typename: "StartProjectSuccess" as const, ...started };
  });
