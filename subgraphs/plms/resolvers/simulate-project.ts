import type { MutationResolvers } from "../generated/resolver-types.ts";
import * as operations from "../operations/simulate-project.ts";
import { orUserError } from "./user-errors.ts";

export const simulateProject: NonNullable<MutationResolvers["simulateProject"]> = (
  _parent,
  { input },
  { ports, principal },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict"], async () => ({
    __typename: "Simulation" as const,
    ...(await operations.simulateProject(ports, principal, input)),
  }));
