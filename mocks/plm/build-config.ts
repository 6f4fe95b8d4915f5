import { createHash } from "node:crypto";
import type { ComponentDefinition, ModelDefinition, SectionDefinition } from "./definitions.ts";
import type { CatalogueModel, Component, ModelConfig, Rule, Section } from "./resources.ts";

/** The PLM's opaque id of an entity: stable over restarts, without meaning for the reader. */
const plmId = (kind: string, ...path: readonly string[]): string =>
  `plm-${kind}-${createHash("sha256").update(path.join("/")).digest("hex").slice(0, 12)}`;

export const buildModel = (model: ModelDefinition): CatalogueModel => ({
  id: plmId("mod", model.code),
  code: model.code,
  name: model.name,
  description: model.description,
  active: true,
  updatedAt: model.updatedAt,
  trims: model.trims.map((trim, index) => ({
    id: plmId("trm", trim.code),
    code: trim.code,
    name: trim.name,
    description: trim.description,
    sortOrder: index,
    active: true,
  })),
});

/** @throws Error for a rule about an option that the model does not have */
export function buildConfig(model: ModelDefinition): ModelConfig {
  const sections = model.sections.map((section, index) => buildSection(model, section, index));
  return {
    id: plmId("mod", model.code),
    code: model.code,
    name: model.name,
    updatedAt: model.updatedAt,
    sections,
    rules: buildRules(model, sections),
  };
}

function buildSection(model: ModelDefinition, section: SectionDefinition, sortOrder: number): Section {
  const path = [model.code, section.trim ?? "", section.code];
  return {
    id: plmId("sec", ...path),
    code: section.code,
    name: section.name,
    trimId: section.trim === undefined ? null : plmId("trm", section.trim),
    required: section.isOptional !== true,
    sortOrder,
    components: section.components.map((component, index) => buildComponent(path, component, index)),
  };
}

function buildComponent(
  parent: readonly string[],
  component: ComponentDefinition,
  sortOrder: number,
): Component {
  const path = [...parent, component.code];
  return {
    id: plmId("cmp", ...path),
    code: component.code,
    name: component.name,
    required: true,
    allowMultiple: false,
    sortOrder,
    options: component.options.map(([code, name, partNumber, more], index) => ({
      id: plmId("opt", ...path, code),
      code,
      name,
      partNumber,
      default: index === 0,
      active: true,
      sortOrder: index,
      ...more,
    })),
  };
}

function buildRules(model: ModelDefinition, sections: readonly Section[]): Rule[] {
  const ids = new Map<string, string>();
  for (const section of sections) {
    for (const component of section.components) {
      for (const { code, id } of component.options) ids.set(`${section.code}/${component.code}/${code}`, id);
    }
  }
  const idOf = (path: string): string => {
    const id = ids.get(path);
    if (id === undefined) throw new Error(`${model.code} has a rule about ${path}, which it does not have`);
    return id;
  };
  return model.requires.map(([option, target]) => ({
    type: "REQUIRES",
    optionId: idOf(option),
    targetOptionId: idOf(target),
  }));
}
