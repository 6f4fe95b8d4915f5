import type { createPlmAlerts, createPlmIssues } from "./adapters/alerts.ts";
import type { createObservations } from "./adapters/observations.ts";
import type { createComparisons, createShadowDiffs } from "./adapters/shadow-diffs.ts";

export type PlmAlerts = ReturnType<typeof createPlmAlerts>;
export type PlmIssues = ReturnType<typeof createPlmIssues>;
export type Observations = Omit<ReturnType<typeof createObservations>, "close">;
export type Comparisons = ReturnType<typeof createComparisons>;
export type ShadowDiffs = ReturnType<typeof createShadowDiffs>;
