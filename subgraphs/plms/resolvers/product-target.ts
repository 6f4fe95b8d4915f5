import type { ProductTargetResolvers } from "../generated/resolver-types.ts";

export const ProductTarget: ProductTargetResolvers = {
  model: ({ modelId }) => ({ id: modelId }),
  trim: ({ trimId }) => (trimId === null ? null : { id: trimId }),
};
