import { notFound } from "../../lib/errors.ts";
import { buildConfig, buildModel } from "./build-config.ts";
import type { ModelDefinition } from "./definitions.ts";
import type { Catalogue, Feature, Features, ModelConfig, Section, Trim } from "./resources.ts";

/** The resources of the PLM by its own ids; each method throws CodedError NOT_FOUND for an id it does not know. */
export interface CatalogueStore {
  /** A `Catalogue`, and whatever records it has beside its models. */
  catalogue(): object;
  config(modelId: string): ModelConfig;
  trim(trimId: string): Trim;
  /** Options of the whole model and, when a trim is given, of that trim; without one, of all trims. */
  features(modelId: string, trimId?: string): Features;
}

/** @param strays records that the catalogue has beside the models, served as they are, however wrong */
export function createCatalogueStore(
  definitions: readonly ModelDefinition[],
  strays: readonly object[] = [],
): CatalogueStore {
  const catalogue = { models: definitions.map(buildModel) };
  const served = { models: [...catalogue.models, ...strays] };
  const configs = new Map(definitions.map(buildConfig).map((config) => [config.id, config]));
  const trims = new Map(trimsOf(catalogue).map((trim) => [trim.id, trim]));
  const config = (modelId: string) => found(configs.get(modelId), "PLM model", modelId);
  const trim = (trimId: string) => found(trims.get(trimId), "PLM trim", trimId);
  return {
    catalogue: () => served,
    config,
    trim,
    features: (modelId, trimId) => {
      const ofModel = config(modelId);
      if (trimId !== undefined && trim(trimId).model.id !== modelId)
        throw notFound(`PLM trim of ${modelId}`, trimId);
      const isOffered = (section: Section) =>
        trimId === undefined || section.trimId === null || section.trimId === trimId;
      return {
        modelId,
        trimId: trimId ?? null,
        features: ofModel.sections.filter(isOffered).flatMap((section) => featuresOf(section, ofModel)),
      };
    },
  };
}

const trimsOf = (catalogue: Catalogue): Trim[] =>
  catalogue.models.flatMap(({ id, code, name, updatedAt, trims }) =>
    trims.map((trim) => ({ ...trim, updatedAt, model: { id, code, name } })),
  );

function featuresOf(section: Section, config: ModelConfig): Feature[] {
  const targets = (optionId: string, type: "REQUIRES" | "EXCLUDES") =>
    config.rules
      .filter((rule) => rule.optionId === optionId && rule.type === type)
      .map((rule) => rule.targetOptionId);
  return section.components.flatMap(({ options, code, name, required, allowMultiple }) =>
    options.map((option) => ({
      ...option,
      trimId: section.trimId,
      section: { code: section.code, name: section.name },
      component: { code, name, required, allowMultiple },
      requires: targets(option.id, "REQUIRES"),
      excludes: targets(option.id, "EXCLUDES"),
    })),
  );
}

function found<T>(value: T | undefined, entity: string, id: string): T {
  if (value === undefined) throw notFound(entity, id);
  return value;
}
