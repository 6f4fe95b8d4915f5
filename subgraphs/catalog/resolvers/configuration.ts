import type {
  AlternatePartResolvers,
  BomLineResolvers,
  BomReference,
  BomResolvers,
  PartTotalResolvers,
  PartUseResolvers,
  QueryResolvers,
} from "../generated/resolver-types.ts";
import {
  compareBoms,
  findPartUses,
  listFeatures,
  pageOfLines,
  pageOfTotals,
  treeOf,
} from "../operations/bom.ts";
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

const PATHS_SHOWN = 100;

export const Bom: BomResolvers = {
  lines: (bom) => treeOf(bom, null),
  tree: (bom, { depth }) => treeOf(bom, depth),
  flatLines: (bom, page) => pageOfLines(bom, page),
  totals: (bom, page) => pageOfTotals(bom, page),
  problems: ({ configuration }) => [...(configuration.rejected ?? [])],
};

export const BomLine: BomLineResolvers = {
  partRevision: ({ details }) => details.revision,
  quantity: ({ quantity }) => Number(quantity.value),
  exactQuantity: ({ quantity }) => quantity,
  effectiveFrom: ({ details }) => details.effectiveFrom,
  effectiveTo: ({ details }) => details.effectiveTo,
  alternates: ({ details }) => [...details.alternates],
  referenceDesignators: ({ details }) => [...details.designators],
  names: ({ details }) => Object.entries(details.names).map(([language, name]) => ({ language, name })),
  price: ({ details }) => details.price,
  // Lines of flat lists have no children of their own there.
  children: (line) => ("children" in line ? [...line.children] : []),
};

export const AlternatePart: AlternatePartResolvers = {
  partRevision: ({ revision }) => revision,
};

export const PartTotal: PartTotalResolvers = {
  partRevision: ({ revision }) => revision,
  paths: ({ paths }) => paths.slice(0, PATHS_SHOWN),
};

const inside = ({ modelId, trimId, asOf, effectiveOn }: BomReference) => ({
  modelId,
  trimId,
  asOf,
  effectiveOn,
});
