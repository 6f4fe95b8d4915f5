import type { ProjectResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { estimationDrift } from "../operations/estimation-drift.ts";
import { projectMetrics } from "../operations/project-metrics.ts";
import { listProjects, summariseProjects } from "../operations/list-projects.ts";
import { inside } from "../../kit/enums.ts";
import { present } from "./present.ts";

export const project: NonNullable<QueryResolvers["project"]> = (_parent, { id }, { loaders }) =>
  loaders.project.load(id);

export const projects: NonNullable<QueryResolvers["projects"]> = (
  _parent,
  { status, runway, sort, ...args },
  { ports, principal },
) =>
  listProjects(ports, principal.tenant, {
    ...args,
    status: status && inside(status),
    runway: runway && inside(runway),
    sort: sort && inside(sort),
  });

export const projectSummary: NonNullable<QueryResolvers["projectSummary"]> = (
  _parent,
  _args,
  { ports, principal },
) => summariseProjects(ports, principal.tenant);

export const Project: ProjectResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.project.load(id),
  spent: async ({ id }, _args, { loaders }) => {
    const { usdSpent, tokensSpent } = await present(loaders.budgetTerms.load(id), "Project", id);
    return { usd: usdSpent, tokens: tokensSpent };
  },
  products: ({ id }, _args, { loaders }) => loaders.products.load(id),
  tasks: ({ id }, { complexity, ...args }, { loaders }) =>
    loaders.tasks({ ...args, complexity: complexity && inside(complexity) }).load(id),
  runs: ({ id }, args, { loaders }) => loaders.runs(args).load(id),
  metrics: (project, { withIntervals }, { ports }) =>
    projectMetrics(ports, project, { withIntervals: withIntervals ?? true }),
  laneOverrides: async ({ id }, _args, { loaders }) => [...(await loaders.laneOverrides.load(id))],
  echoGate: ({ id }, _args, { loaders }) => present(loaders.echoGate.load(id), "Project", id),
  costCheck: ({ id }, _args, { loaders }) => present(loaders.costOfProject.load(id), "Project", id),
  approvals: async ({ id }, _args, { loaders }) => [...((await loaders.approvals.load(id)) ?? [])],
  riskHeatmap: ({ id }, _args, { loaders }) => present(loaders.heatmap.load(id), "Project", id),
  estimationDrift: (_project, { last, ...of }, { ports, principal }) =>
    estimationDrift(ports, principal.tenant, { ...of, last: last ?? undefined }),
  budgetRunway: ({ id }, _args, { loaders }) => present(loaders.runway.load(id), "Project", id),
};
