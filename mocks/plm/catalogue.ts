import type {
  ModelDefinition as Boat,
  SectionDefinition as BoatSection,
} from "../../db/seed/models/definition.ts";
import { lx21 } from "../../db/seed/models/lx21.ts";
import { lx22 } from "../../db/seed/models/lx22.ts";
import { lx24 } from "../../db/seed/models/lx24.ts";
import { lx26 } from "../../db/seed/models/lx26.ts";
import type { ModelDefinition, SectionDefinition } from "./definitions.ts";

/** The PLM's view of the products that the MRP knows too: the same boats, with codes and part numbers written out. */
export const catalogue: readonly ModelDefinition[] = [
  inPlm(lx24, "2025-09-02T07:30:00.000Z"),
  inPlm(lx26, "2025-10-14T12:05:00.000Z"),
  inPlm(lx22, "2025-08-19T15:45:00.000Z"),
  inPlm(lx21, "2025-07-08T09:20:00.000Z"),
];

function inPlm(
  { code, name, description, trims, sections, requires }: Boat,
  updatedAt: string,
): ModelDefinition {
  return {
    code,
    name,
    description,
    updatedAt,
    trims: trims.map(({ suffix, ...trim }) => ({ code: `${code}-${suffix}`, ...trim })),
    sections: sections.map((section) => sectionInPlm(code, section)),
    requires,
  };
}

function sectionInPlm(model: string, { trim, components, ...section }: BoatSection): SectionDefinition {
  return {
    ...section,
    ...(trim !== undefined && { trim: `${model}-${trim}` }),
    components: components.map((component) => ({
      ...component,
      options: component.options.map(([code, name]) => [
        code,
        name,
        [model, component.code, code].join("-").replaceAll("_", "-"),
      ]),
    })),
  };
}
