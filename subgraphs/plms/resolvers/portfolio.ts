import type { ProjectShareResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { readPortfolio } from "../operations/portfolio.ts";
import { present } from "./present.ts";

export const portfolio: NonNullable<QueryResolvers["portfolio"]> = (_parent, _args, { ports, principal }) =>
  readPortfolio(ports, principal.tenant);

export const ProjectShare: ProjectShareResolvers = {
  project: ({ projectId }, _args, { loaders }) =>
    present(loaders.project.load(projectId), "Project", projectId),
};
