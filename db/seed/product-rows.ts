import type { Insertable } from "kysely";
import type { Database } from "../tables.ts";
import type { ModelDefinition, SectionDefinition } from "./models/definition.ts";

type Rows<T extends keyof Database> = Insertable<Database[T]>[];

/** Rows of the product tables, parents before children. */
export interface ProductRows {
  models: Rows<"catalog.product_models">;
  trims: Rows<"catalog.product_trims">;
  sections: Rows<"catalog.configuration_sections">;
  components: Rows<"catalog.configuration_components">;
  options: Rows<"catalog.configuration_options">;
  dependencies: Rows<"catalog.configuration_dependencies">;
}

/** Ids are slugs of the codes down to the row, as in `lx24-audio-speakers-premium`. */
export function productRows(model: ModelDefinition): ProductRows {
  const sections = model.sections.map((section, index) => sectionRows(model, section, index));
  return {
    models: [{ id: slug(model.code), code: model.code, name: model.name, description: model.description }],
    trims: model.trims.map(({ suffix, name, description }, index) => ({
      id: slug(model.code, suffix),
      model_id: slug(model.code),
      code: `${model.code}-${suffix}`,
      name,
      description,
      sort_order: index,
    })),
    sections: sections.map(({ section }) => section),
    components: sections.flatMap(({ components }) => components),
    options: sections.flatMap(({ options }) => options),
    dependencies: model.requires.map(([option, required]) => ({
      option_id: slug(model.code, option),
      depends_on_option_id: slug(model.code, required),
      dependency_type: "requires",
    })),
  };
}

function sectionRows(model: ModelDefinition, definition: SectionDefinition, sortOrder: number) {
  const sectionId = slug(model.code, definition.code);
  const section: Insertable<Database["catalog.configuration_sections"]> = {
    id: sectionId,
    model_id: slug(model.code),
    trim_id: definition.trim === undefined ? null : slug(model.code, definition.trim),
    code: definition.code,
    name: definition.name,
    sort_order: sortOrder,
    is_required: definition.isOptional !== true,
  };
  const components: Rows<"catalog.configuration_components"> = definition.components.map(
    ({ code, name }, index) => ({
      id: slug(sectionId, code),
      section_id: sectionId,
      code,
      name,
      sort_order: index,
    }),
  );
  const options: Rows<"catalog.configuration_options"> = definition.components.flatMap((component) =>
    component.options.map(([code, name], index) => ({
      id: slug(sectionId, component.code, code),
      component_id: slug(sectionId, component.code),
      code,
      part_number: [model.code, component.code, code].join("-").replaceAll("_", "-"),
      name,
      is_default: index === 0,
      sort_order: index,
    })),
  );
  return { section, components, options };
}

const slug = (...parts: readonly string[]) => parts.join("-").toLowerCase().replaceAll(/[_/]/g, "-");
