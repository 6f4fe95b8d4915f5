import type { ModelProduct, Product } from "../domain/catalogue.ts";
import type { Provenance } from "../domain/provenance.ts";
import type { CatalogueReading } from "./read-catalogue.ts";

interface ProductView extends Omit<Product, "origin"> {
  provenance: Provenance;
}

/** A trim as callers see it. */
export interface TrimView extends ProductView {
  model(): ModelView;
}

/** A model as callers see it. */
export interface ModelView extends ProductView {
  trims: readonly TrimView[];
}

export function viewOfModel(reading: CatalogueReading, product: ModelProduct): ModelView {
  const { origin, trims, ...model } = product;
  const view: ModelView = {
    ...model,
    provenance: reading.provenance[origin],
    trims: trims.map(({ origin: trimOrigin, ...trim }) => ({
      ...trim,
      provenance: reading.provenance[trimOrigin],
      model: () => view,
    })),
  };
  return view;
}
