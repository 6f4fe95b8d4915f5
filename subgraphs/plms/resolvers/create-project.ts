import type { MutationResolvers } from "../generated/resolver-types.ts";
import * as operations from "../operations/create-project.ts";
import { inside } from "../../kit/enums.ts";
import { orUserError } from "./user-errors.ts";

export const createProject: NonNullable<MutationResolvers["createProject"]> = (
  _parent,
  { input },
  { ports, principal },
) =>
  orUserError(["InvalidInput"], async () => ({
    __typename: "CreateProjectSuccess" as const,
    project: await operations.createProject(ports, principal, {
      ...input,
      budget: input.budget && {
        ...input.budget,
        onExhausted: input.budget.onExhausted && inside(input.budget.onExhausted),
      },
      tasks: input.tasks?.map((task) => ({
        ...task,
        complexity: task.complexity && inside(task.complexity),
      })),
    }),
  }));
