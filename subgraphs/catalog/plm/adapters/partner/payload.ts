import { type Leftovers, PlmFailure } from "../../../products/operations/ports.ts";
import type { PlmModel, PlmProduct } from "../../../products/domain/catalogue.ts";
import type { Steps } from "../../../../../lib/in-steps.ts";
import { CONTRACT_FIELDS } from "./contract-fields.ts";
import { digitsOf, distinct, ID_MAX, NAME_MAX, Reader, TEXT_MAX } from "./reader.ts";

/** The catalogue as parsed from the PLM's envelope. */
export interface CataloguePayload extends Leftovers {
  models: readonly PlmModel[];
  schemaVersion: string;
}

const DESCRIPTION_MAX = 10_000;

/** Opens the envelope that every answer of the PLM comes in. */
export function openEnvelope(reader: Reader, body: unknown): { schemaVersion: string; data: unknown } {
  const fields = reader.object(body, CONTRACT_FIELDS.CatalogueAnswer);
  return { schemaVersion: reader.text(fields, "schemaVersion", TEXT_MAX), data: fields["data"] };
}

/**
 * Reads the body of `GET /plm/catalog`. A model that cannot be read, or whose code another one has already, takes
 * itself away with its place and the reason; so does a trim within its model. The rest stays.
 *
 * @throws PlmFailure MALFORMED naming the place when the list itself cannot be read, or none of its models
 */
export function* parseCatalogue(body: unknown): Steps<CataloguePayload> {
  const reader = new Reader();
  const { schemaVersion, data } = openEnvelope(reader, body);
  reader.enter("data");
  const items = reader.list(reader.object(data, CONTRACT_FIELDS.Catalogue), "models");
  reader.enter("models");
  const repeated = repeatedCodes(reader, items, "a model");
  const models: PlmModel[] = [];
  for (const [index, item] of items.entries()) {
    const model = repeated.has(index) ? undefined : readRecord(reader, index, () => readModel(reader, item));
    if (model) models.push(model);
    yield;
  }
  const leftovers = reader.leftovers();
  const [worst] = leftovers.rejected;
  if (models.length === 0 && worst) throw reader.refused(`${worst.place}: ${worst.reason}`);
  return { schemaVersion, models, ...leftovers };
}

function readModel(reader: Reader, item: unknown): PlmModel {
  const fields = reader.object(item, CONTRACT_FIELDS.Model);
  const product = readProduct(reader, fields);
  const trims = reader.list(fields, "trims");
  return {
    ...product,
    trims: reader.at("trims", () => {
      const repeated = repeatedCodes(reader, trims, "a trim");
      return trims.flatMap((trim, index) => {
        if (repeated.has(index)) return [];
        return (
          readRecord(reader, index, () => readProduct(reader, reader.object(trim, CONTRACT_FIELDS.Trim))) ??
          []
        );
      });
    }),
  };
}

const readProduct = (reader: Reader, fields: Readonly<Record<string, unknown>>): PlmProduct => ({
  plmId: reader.text(fields, "id", ID_MAX),
  code: reader.text(fields, "code"),
  name: reader.text(fields, "name", NAME_MAX).trim(),
  description: reader.optionalText(fields, "description", DESCRIPTION_MAX),
  isActive: reader.flag(fields, "active", true),
});

/** A record of a list, or undefined when it takes itself away. */
function readRecord<T>(reader: Reader, index: number, read: () => T): T | undefined {
  const { depth } = reader;
  try {
    return reader.at(index, read);
  } catch (error) {
    if (!(error instanceof PlmFailure)) throw error;
    reader.backTo(depth);
    reader.reject(`${error.details.place ?? "it"}: ${error.details.why ?? "cannot be read"}`, index);
    return undefined;
  }
}

const codeOf = (item: unknown): string | undefined => {
  const code =
    typeof item === "object" && item !== null
      ? digitsOf((item as Record<string, unknown>)["code"])
      : undefined;
  return typeof code === "string" ? code : undefined;
};

const repeatedCodes = (reader: Reader, items: readonly unknown[], what: string): ReadonlySet<number> =>
  distinct(reader, items, {
    keyOf: codeOf,
    what,
    onContradiction: (index) => reader.reject(`its code is that of ${what} before it`, index),
  });
