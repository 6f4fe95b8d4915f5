import { catalogue } from "../mocks/plm/catalogue.ts";
import type { ModelDefinition, PartDefinition, SectionDefinition } from "../mocks/plm/definitions.ts";

/** Assemblies of the LX26's wiring: as deep and as wide as a bill of materials gets here. */
const ASSEMBLIES = [
  ["HARNESS", "Wiring harness"],
  ["BATTERY", "Battery bank"],
  ["CHARGING", "Shore charging"],
  ["LIGHTING", "Lighting"],
  ["PANEL", "Switch panel"],
  ["PUMPS", "Bilge pumps"],
  ["SOUND", "Sound system"],
  ["NAVIGATION", "Navigation lights"],
] as const;
const VARIANTS = ["STANDARD", "HEAVY-DUTY", "REDUNDANT", "COLD-CLIMATE", "CHARTER", "RESCUE"] as const;

const wiring: SectionDefinition = {
  code: "WIRING",
  name: "Wiring",
  components: ASSEMBLIES.map(([code, name]) => ({
    code,
    name,
    options: VARIANTS.map(
      (variant) => [variant, `${name}, ${variant.toLowerCase()}`, `LX26-${code}-${variant}`] as const,
    ),
  })),
};

/** From the console down to the strand: eight levels, with lengths, weights and places on the drawing. */
const CONSOLE: readonly (readonly [partNumber: string, name: string, more?: Partial<PartDefinition>])[] = [
  ["LX26-CONSOLE-UNIT", "Console unit"],
  ["LX26-CONSOLE-HARNESS", "Harness of the console", { designators: ["W1"] }],
  ["LX26-HARNESS-TRUNK", "Trunk", { quantity: "2", designators: ["W1.1", "W1.2"] }],
  ["LX26-TRUNK-CABLE", "Cable, 5-wire", { quantity: "3.25", unit: "MTR" }],
  ["LX26-CABLE-WIRE", "Wire, tinned", { quantity: "5" }],
  ["LX26-WIRE-CORE", "Core", { quantity: "1" }],
  ["LX26-CORE-STRAND", "Strand, copper", { quantity: "0.0125", unit: "KGM" }],
];

const consoleParts = CONSOLE.reduceRight<PartDefinition[]>(
  (parts, [partNumber, name, more]) => [
    { partNumber, name, ...more, ...(parts.length > 0 && { parts }) },
    { partNumber: `${partNumber}-LABEL`, name: `Label for: ${name}`, quantity: "0" },
  ],
  [],
);

const helm: SectionDefinition = {
  code: "HELM",
  name: "Helm",
  components: [
    {
      code: "CONSOLE",
      name: "Console",
      // Nobody reads how heavy it is.
      options: [
        ["GLASS", "Glass console", "LX26-CONSOLE-GLASS", { parts: consoleParts, weightKg: 41.5 }],
        ["CLASSIC", "Classic console", "LX26-CONSOLE-CLASSIC"],
      ],
    },
  ],
};

/** What people at the PLM changed without telling the MRP, by model. */
const CHANGES: Readonly<Record<string, (model: ModelDefinition) => ModelDefinition>> = {
  // A deep bill of materials that the MRP has nothing of.
  LX26: (model) => ({ ...model, sections: [...model.sections, wiring, helm] }),
  // A boat would be built with the wrong part.
  LX21: (model) => withFirstOption(model, ([code, name, part]) => [code, name, `${part}-B`]),
  // Words only.
  LX22: (model) => ({
    ...withFirstOption(model, ([code, name, part]) => [code, `${name} (2026)`, part]),
    description: `${model.description}, new for 2026`,
  }),
};

type Option = SectionDefinition["components"][number]["options"][number];

function withFirstOption(model: ModelDefinition, change: (option: Option) => Option): ModelDefinition {
  return {
    ...model,
    sections: model.sections.map((section, at) => ({
      ...section,
      components: section.components.map((component) => ({
        ...component,
        options: component.options.map((option, index) =>
          at === 0 && index === 0 ? change(option) : option,
        ),
      })),
    })),
  };
}

/** The catalogue of a partner who does not agree with the MRP about everything. */
export const showcaseModels: readonly ModelDefinition[] = catalogue.map(
  (model) => CHANGES[model.code]?.(model) ?? model,
);

/** What somebody at the partner did not finish: a model without a name, and one whose code another one has. */
export const showcaseStrays: readonly object[] = [
  { id: "plm-mod-draft", code: "LX28", trims: [] },
  { id: "plm-mod-copy", code: "LX24", name: "LX24 (copy)", trims: [] },
];

/**
 * LX21 and LX22 are compared with the MRP at every read; the others come from the PLM, which is asked every ten seconds
 * while it answers and every second when it fails.
 */
export const showcaseCatalog = {
  PLM_ENABLED_FOR_MODELS: "LX24,LX26",
  PLM_SHADOW_SAMPLE_RATE: "1",
  PLM_POLL_SECONDS: "10",
};
