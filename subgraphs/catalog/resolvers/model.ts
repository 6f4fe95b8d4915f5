import type { ModelResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { listFeatures, pageOfFeatures, readBom } from "../operations/bom.ts";
import { listModels } from "../operations/list-models.ts";

export const modelQueries: QueryResolvers = {
  models: async (_parent, args, { loaders }) => listModels(await loaders.catalogue(), args),
  model: (_parent, { id }, { loaders }) => loaders.models.load(id),
};

export const Model: ModelResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.models.load(id),
  features: ({ id }, { trimId }, { loaders }) => listFeatures(loaders, { modelId: id, trimId }),
  featurePage: ({ id }, args, { loaders }) => pageOfFeatures(loaders, { modelId: id, ...args }),
  bom: ({ id }, args, { loaders }) => readBom(loaders, { modelId: id, ...args }),
};
