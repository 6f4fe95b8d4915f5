import DataLoader from "dataloader";
import { findModels } from "./operations/find-models.ts";
import { findTrims } from "./operations/find-trims.ts";
import type { CatalogueReading } from "./operations/read-catalogue.ts";
import type { ModelView, TrimView } from "./operations/views.ts";

export interface Loaders {
  /** The catalogue, read once however often it is asked for. */
  catalogue(): Promise<CatalogueReading>;
  models: DataLoader<string, ModelView | null>;
  trims: DataLoader<string, TrimView | null>;
}

/** Loaders of one request: everything in it sees the same catalogue. */
export function createLoaders(readCatalogue: () => Promise<CatalogueReading>): Loaders {
  let reading: Promise<CatalogueReading> | undefined;
  const catalogue = () => (reading ??= readCatalogue());
  return {
    catalogue,
    models: new DataLoader(async (ids) => findModels(await catalogue(), ids)),
    trims: new DataLoader(async (ids) => findTrims(await catalogue(), ids)),
  };
}
