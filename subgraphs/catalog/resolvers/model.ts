import type { ModelResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { listModels } from "../operations/list-models.ts";

export const modelQueries: QueryResolvers = {
  models: async (_parent, args, { loaders }) => listModels(await loaders.catalogue(), args),
  model: (_parent, { id }, { loaders }) => loaders.models.load(id),
};

export const Model: ModelResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.models.load(id),
};
