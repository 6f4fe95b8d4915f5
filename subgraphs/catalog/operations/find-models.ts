import type { CatalogueReading } from "./read-catalogue.ts";
import { viewOfModel, type ModelView } from "./views.ts";

/** The models with the given ids, in their order; null for ids that nobody knows. */
export function findModels(reading: CatalogueReading, ids: readonly string[]): (ModelView | null)[] {
  const wanted = new Set(ids);
  const found = reading.catalogue.filter(({ id }) => wanted.has(id));
  const byId = new Map(found.map((model) => [model.id, viewOfModel(reading, model)]));
  return ids.map((id) => byId.get(id) ?? null);
}
