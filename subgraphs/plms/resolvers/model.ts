import type { ModelResolvers } from "../generated/resolver-types.ts";

export const Model: ModelResolvers = {
  __resolveReference: ({ id }) => ({ id }),
  projects: ({ id }, args, { loaders }) => loaders.projectsOfModel(args).load(id),
};
