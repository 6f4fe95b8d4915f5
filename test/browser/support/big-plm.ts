import { generateCatalogue } from "../../../mocks/plm/generated-catalogue.ts";
import type { ModelDefinition, PartDefinition } from "../../../mocks/plm/definitions.ts";
import { createPlmMock } from "../../../mocks/plm/server.ts";

const ASSEMBLIES = 100;
const PARTS = 499;

/** A part's number in the bill of 50,000 lines. */
export const partOf = (assembly: number, part: number): string => `BIG-A${assembly}-P${part}`;

const assemblies = Array.from({ length: ASSEMBLIES }, (_, assembly): PartDefinition => ({
  partNumber: `BIG-A${assembly}`,
  name: `Assembly ${assembly}`,
  parts: Array.from({ length: PARTS }, (__, part) => ({
    partNumber: partOf(assembly, part),
    name: `Part ${part} of assembly ${assembly}`,
  })),
}));

/** A model of 50,000 parts; its second trim alone has a cabin. */
const BIG: ModelDefinition = {
  code: "BIG",
  name: "A big boat",
  description: "Fifty thousand parts",
  updatedAt: "2026-01-15T08:00:00.000Z",
  trims: [
    { code: "BIG-BASE", name: "Base", description: "Without a cabin" },
    { code: "BIG-CABIN", name: "Cabin", description: "With a cabin" },
  ],
  sections: [
    {
      code: "HULL",
      name: "Hull",
      components: [
        {
          code: "SHELL",
          name: "Shell",
          options: [["WHOLE", "Whole shell", "BIG-SHELL", { parts: assemblies }]],
        },
      ],
    },
    {
      code: "CABIN",
      name: "Cabin",
      trim: "BIG-CABIN",
      components: [{ code: "BED", name: "Bed", options: [["WIDE", "Wide bed", "BIG-BED"]] }],
    },
  ],
  requires: [],
};

/** A PLM with many models, one of them with 50,000 parts, and what the catalogue has to be told to use it. */
export async function startBigPlm() {
  const plm = createPlmMock();
  plm.setModels([BIG, ...generateCatalogue(120)]);
  const url = await plm.listen({ host: "127.0.0.1", port: 0 });
  const catalog = {
    PLM_BASE_URL: url,
    PLM_CLIENT_ID: "mrp-dev",
    PLM_CLIENT_SECRET: "mrp-dev-secret",
    PLM_DEADLINE_MS: "20000",
  };
  return { catalog, close: () => plm.close() };
}
