import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import { packDocument, readDocuments } from "../../products/adapters/documents.ts";
import type { PackedDocument } from "../../products/operations/ports.ts";
import type { ChosenOption } from "../domain/options.ts";
import type { PackedChoice } from "../operations/ports.ts";

/** Shorter choices are in the rows of their orders; longer ones would make every list of orders read megabytes. */
const IN_ROW_MAX = 500;

/** Packs long choices as documents. */
export function createChoicePacking() {
  const packed = new WeakMap<readonly ChosenOption[], Promise<PackedDocument>>();
  const packOnce = (chosen: readonly ChosenOption[]) => {
    const known = packed.get(chosen) ?? inSteps(packDocument(chosen));
    packed.set(chosen, known);
    known.catch(() => packed.delete(chosen));
    return known;
  };
  return async (chosen: readonly ChosenOption[]): Promise<PackedChoice> => {
    if (chosen.length <= IN_ROW_MAX) return { features: chosen, document: undefined };
    const document = await packOnce(chosen);
    return { features: { sha256: document.sha256 }, document };
  };
}

/** Long choices by their hashes; unknown ones are left out. */
export const choicesOf = async (
  db: Kysely<CatalogDatabase>,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, readonly ChosenOption[]>> =>
  (await readDocuments(db, hashes)) as ReadonlyMap<string, readonly ChosenOption[]>;
