import type { CatalogueReading } from "./read-catalogue.ts";
import { viewOfModel, type TrimView } from "./views.ts";

/** The trims with the given ids, in their order; null for ids that nobody knows. */
export function findTrims(reading: CatalogueReading, ids: readonly string[]): (TrimView | null)[] {
  const wanted = new Set(ids);
  const models = reading.catalogue.filter(({ trims }) => trims.some(({ id }) => wanted.has(id)));
  const trims = models.flatMap((model) => viewOfModel(reading, model).trims);
  const byId = new Map(trims.map((trim) => [trim.id, trim]));
  return ids.map((id) => byId.get(id) ?? null);
}
