import type { QueryResolvers, TrimResolvers } from "../generated/resolver-types.ts";

export const trimQueries: QueryResolvers = {
  trim: (_parent, { id }, { loaders }) => loaders.trims.load(id),
};

export const Trim: TrimResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.trims.load(id),
  model: (trim) => trim.model(),
};
