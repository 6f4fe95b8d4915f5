import { type ModelProduct, type Product, sortKey } from "../domain/catalogue.ts";
import type { Provenance } from "../domain/provenance.ts";
import type { CatalogueReading } from "./read-catalogue.ts";
import { badInput } from "../../../../lib/errors.ts";
import { type Connection, connectionOf, pageRequest } from "../../../kit/pagination.ts";

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

/** The models with the given ids, in their order; null for unknown ids. */
export function findModels(reading: CatalogueReading, ids: readonly string[]): (ModelView | null)[] {
  const wanted = new Set(ids);
  const found = reading.catalogue.filter(({ id }) => wanted.has(id));
  const byId = new Map(found.map((model) => [model.id, viewOfModel(reading, model)]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** The trims with the given ids, in their order; null for unknown ids. */
export function findTrims(reading: CatalogueReading, ids: readonly string[]): (TrimView | null)[] {
  const wanted = new Set(ids);
  const models = reading.catalogue.filter(({ trims }) => trims.some(({ id }) => wanted.has(id)));
  const trims = models.flatMap((model) => viewOfModel(reading, model).trims);
  const byId = new Map(trims.map((trim) => [trim.id, trim]));
  return ids.map((id) => byId.get(id) ?? null);
}

export interface ListModelsInput {
  first?: number | null | undefined;
  after?: string | null | undefined;
  /** Text that the name or the code contains, in any case. */
  search?: string | null | undefined;
  sort?: "NAME" | "CODE" | null | undefined;
  descending?: boolean | null | undefined;
}

const SEARCH_MAX_LENGTH = 200;

const keyOfCode = ({ code, id }: ModelView | ModelProduct) => `${code.slice(0, 64).toWellFormed()}\0${id}`;

/**
 * A page of models by name or code, then id.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or an endless search text
 */
export function listModels(reading: CatalogueReading, input: ListModelsInput): Connection<ModelView> {
  const page = pageRequest(input);
  const key = input.sort === "CODE" ? keyOfCode : sortKey;
  const isFalling = input.descending ?? false;
  const found = reading.catalogue.filter(matches(input.search ?? ""));
  const byKey = (a: ModelProduct, b: ModelProduct) => (key(a) < key(b) ? -1 : 1);
  const rising = input.sort === "CODE" ? found.toSorted(byKey) : found;
  const matching = isFalling ? rising.toReversed() : rising;
  const { after } = page;
  const isBehind = (model: ModelProduct) =>
    after === undefined || (isFalling ? key(model) < after : key(model) > after);
  const views = matching
    .filter(isBehind)
    .slice(0, page.first + 1)
    .map((model) => viewOfModel(reading, model));
  return connectionOf(views, page, { key, totalCount: matching.length });
}

function matches(search: string): (model: ModelProduct) => boolean {
  if (search.length > SEARCH_MAX_LENGTH)
    throw badInput("search", search, `at most ${SEARCH_MAX_LENGTH} characters`);
  const text = search.trim().toLowerCase();
  return ({ name, code }) => name.toLowerCase().includes(text) || code.toLowerCase().includes(text);
}
