import type { MutationResolvers } from "../generated/resolver-types.ts";
import { updateBudget } from "../operations/update-budget.ts";
import { orUserError } from "./user-errors.ts";

export const updateProjectBudget: NonNullable<MutationResolvers["updateProjectBudget"]> = (
  _parent,
  change,
  { ports, principal },
) =>
  orUserError(["InvalidInput", "NotFound", "Conflict", "Unavailable"], async () => {
    const { project, resumed } = await updateBudget(ports, principal, change);
    return { __typename: "UpdateBudgetSuccess" as const, project, resumedRuns: resumed };
  });
