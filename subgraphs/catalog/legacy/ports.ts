import type { createLegacyRetirement, createProductReads } from "./adapters/usage.ts";

export type LegacyUsage = Pick<ReturnType<typeof createProductReads>, "count" | "since">;
export type LegacyRetirement = ReturnType<typeof createLegacyRetirement>;
