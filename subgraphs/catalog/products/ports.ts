import type { createBomRevisions } from "./adapters/bom-revisions.ts";
import type { createPlmLeftovers } from "./adapters/leftovers.ts";

export type BomRevisions = ReturnType<typeof createBomRevisions>;
export type PlmLeftovers = ReturnType<typeof createPlmLeftovers>;
