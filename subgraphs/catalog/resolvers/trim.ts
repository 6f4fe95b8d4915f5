import type { QueryResolvers, TrimResolvers } from "../generated/resolver-types.ts";
import { listFeatures } from "../operations/bom.ts";

export const trimQueries: QueryResolvers = {
  trim: (_parent, { id }, { loaders }) => loaders.trims.load(id),
};

export const Trim: TrimResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.trims.load(id),
  model: (trim) => trim.model(),
  features: (trim, _args, { loaders }) =>
    listFeatures(loaders, { modelId: trim.model().id, trimId: trim.id }),
};
