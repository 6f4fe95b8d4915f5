import type {
  AlternatePartResolvers,
  BomLineResolvers,
  BomReference,
  BomResolvers,
  ModelResolvers,
  PartTotalResolvers,
  PartUseResolvers,
  QueryResolvers,
  TrimResolvers,
} from "../generated/resolver-types.ts";
import {
  compareBoms,
  findPartUses,
  listFeatures,
  pageOfChanges,
  pageOfFeatures,
  readBom,
  treeOf,
} from "./operations/bom.ts";
import { pageOfChildren, pageOfLines, pageOfTotals } from "./operations/bom-pages.ts";
import { listModels } from "./operations/models.ts";
import { FIELD_MAPPINGS } from "./domain/field-mappings.ts";

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

export const trimQueries: QueryResolvers = {
  trim: (_parent, { id }, { loaders }) => loaders.trims.load(id),
};

export const Trim: TrimResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.trims.load(id),
  model: (trim) => trim.model(),
  features: (trim, _args, { loaders }) =>
    listFeatures(loaders, { modelId: trim.model().id, trimId: trim.id }),
};

export const configurationQueries: QueryResolvers = {
  features: (_parent, request, { loaders }) => listFeatures(loaders, request),
  bomDiff: (_parent, { from, to }, { loaders }) =>
    compareBoms(loaders, { from: inside(from), to: inside(to) }),
  bomDiffPage: (_parent, { from, to, ...page }, { loaders }) =>
    pageOfChanges(loaders, { from: inside(from), to: inside(to), ...page }),
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
  childLines: (bom, page) => pageOfChildren(bom, page),
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
