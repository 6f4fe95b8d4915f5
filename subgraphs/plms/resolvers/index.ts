import { scalars } from "../../../lib/scalars.ts";
import type { Resolvers } from "../generated/resolver-types.ts";
import { BudgetRunway, budgetRunway } from "./budget-runway.ts";
import { enums } from "./enums.ts";
import { lanes } from "./lane.ts";
import { Model } from "./model.ts";
import { ProductTarget } from "./product-target.ts";
import { Project, project, projects } from "./project.ts";
import { ProjectRun, projectRun, runProgress } from "./project-run.ts";
import { Receipt } from "./receipt.ts";
import { simulateProject } from "./simulate-project.ts";
import { startProject } from "./start-project.ts";
import { Task } from "./task.ts";

export const resolvers = {
  ...scalars,
  ...enums,
  Query: { project, projects, projectRun, lanes },
  Mutation: { startProject, simulateProject },
  Subscription: { budgetRunway, runProgress },
  Project,
  ProductTarget,
  Model,
  Task,
  ProjectRun,
  Receipt,
  BudgetRunway,
} satisfies Resolvers;
