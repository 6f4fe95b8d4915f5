import type { ModelDefinition } from "./definitions.ts";
import { lx21 } from "./models/lx21.ts";
import { lx22 } from "./models/lx22.ts";
import { lx24 } from "./models/lx24.ts";
import { lx26 } from "./models/lx26.ts";

/** The PLM's view of the products that the MRP knows too. */
export const catalogue: readonly ModelDefinition[] = [lx24, lx26, lx22, lx21];
