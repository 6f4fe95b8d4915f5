import { badInput } from "../../../lib/errors.ts";
import { connectionOf, pageRequest, type Connection } from "../../../lib/pagination.ts";
import { sortKey, type ModelProduct } from "../domain/catalogue.ts";
import type { CatalogueReading } from "./read-catalogue.ts";
import { viewOfModel, type ModelView } from "./views.ts";

export interface ListModelsInput {
  first?: number | null | undefined;
  after?: string | null | undefined;
  /** Text that the name or the code contains, in any case. */
  search?: string | null | undefined;
}

const SEARCH_MAX_LENGTH = 200;

/**
 * A page of models by name, then id.
 *
 * @throws CodedError BAD_USER_INPUT for a bad page or an endless search text
 */
export function listModels(reading: CatalogueReading, input: ListModelsInput): Connection<ModelView> {
  const page = pageRequest(input);
  const matching = reading.catalogue.filter(matches(input.search ?? ""));
  const after = page.after;
  const rest = after === undefined ? matching : matching.filter((model) => sortKey(model) > after);
  const views = rest.slice(0, page.first + 1).map((model) => viewOfModel(reading, model));
  return connectionOf(views, page, { key: sortKey, totalCount: matching.length });
}

function matches(search: string): (model: ModelProduct) => boolean {
  if (search.length > SEARCH_MAX_LENGTH)
    throw badInput("search", search, `at most ${SEARCH_MAX_LENGTH} characters`);
  const text = search.trim().toLowerCase();
  return ({ name, code }) => name.toLowerCase().includes(text) || code.toLowerCase().includes(text);
}
