import type { ModelDefinition, SectionDefinition } from "./definitions.ts";

const TRIMS = ["Base", "Sport", "Luxury"] as const;
const COMPONENTS_PER_SECTION = 2;

/** A catalogue of any size for tests and benchmarks: models M001…, three trims and three sections each. */
export const generateCatalogue = (models: number): ModelDefinition[] =>
  Array.from({ length: models }, (_, index) => generateModel(`M${String(index + 1).padStart(3, "0")}`));

function generateModel(code: string): ModelDefinition {
  return {
    code,
    name: code,
    description: `Generated model ${code}`,
    updatedAt: "2025-01-15T08:00:00.000Z",
    trims: TRIMS.map((name) => ({
      code: `${code}-${name.toUpperCase()}`,
      name,
      description: `${name} trim of ${code}`,
    })),
    sections: [
      generateSection(code, { code: "POWERTRAIN", name: "Powertrain" }),
      generateSection(code, { code: "AUDIO", name: "Audio", isOptional: true }),
      generateSection(code, { code: "LUXURY", name: "Luxury", trim: `${code}-LUXURY` }),
    ],
    requires: [["AUDIO/AUDIO-1/UPGRADE", "AUDIO/AUDIO-2/UPGRADE"]],
  };
}

function generateSection(model: string, section: Omit<SectionDefinition, "components">): SectionDefinition {
  const components = Array.from({ length: COMPONENTS_PER_SECTION }, (_, index) => {
    const code = `${section.code}-${index + 1}`;
    const partNumber = `${model}-${code}`;
    return {
      code,
      name: `${section.name} ${index + 1}`,
      options: [
        ["STANDARD", "Standard", `${partNumber}-S`],
        ["UPGRADE", "Upgrade", `${partNumber}-U`],
      ] as const,
    };
  });
  return { ...section, components };
}
