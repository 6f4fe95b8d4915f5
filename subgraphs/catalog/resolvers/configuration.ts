import type { BomReference, PartUseResolvers, QueryResolvers } from "../generated/resolver-types.ts";
import { compareBoms, findPartUses, listFeatures } from "../operations/bom.ts";
import { FIELD_MAPPINGS } from "../domain/field-mappings.ts";

export const configurationQueries: QueryResolvers = {
  features: (_parent, request, { loaders }) => listFeatures(loaders, request),
  bomDiff: (_parent, { from, to }, { loaders }) =>
    compareBoms(loaders, { from: inside(from), to: inside(to) }),
  partUses: (_parent, { partNumber }, { loaders }) => findPartUses(loaders, partNumber),
  plmFieldMappings: () => [...FIELD_MAPPINGS],
};

export const PartUse: PartUseResolvers = {
  trim: ({ model, trimCode }) => model.trims.find(({ code }) => code === trimCode) ?? null,
};

const inside = ({ modelId, trimId, asOf }: BomReference) => ({
  modelId,
  trimId,
  asOf,
});
