import { createHash, type Hash } from "node:crypto";
import type { Kysely } from "kysely";
import type { CatalogDatabase } from "../../../../db/tables/catalog.ts";
import { canonicalJson } from "../../../../lib/canonical-json.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import { givenIds, type ModelConfiguration } from "../../products/domain/configuration.ts";
import type { PackedDocument } from "../../products/operations/ports.ts";
import type { ProductPayload, SealedPayload, ProductOffer } from "../operations/ports.ts";
import {
  hashDocument,
  keepDocuments,
  packDocument,
  readDocuments,
} from "../../products/adapters/documents.ts";

interface Sealed {
  optionIds: PackedDocument;
  /** Of everything before the product. */
  hash: Hash;
}

type Offer = Pick<ProductOffer, "product" | "configuration" | "document" | "answer">;

/**
 * Packs what orders keep of their products. The payload is `{configuration, optionIds, plmAnswer?, product}`, whose
 * hash is that of its canonical JSON; all but the product is hashed once for a configuration, which is the document
 * that its revision has.
 */
export function createSealing() {
  const sealed = new WeakMap<ModelConfiguration, Promise<Sealed>>();
  const sealOnce = (offer: Offer) => {
    const { configuration } = offer;
    const known = sealed.get(configuration) ?? sealConfiguration(offer);
    sealed.set(configuration, known);
    known.catch(() => sealed.delete(configuration));
    return known;
  };
  return async (offer: Offer): Promise<SealedPayload> => {
    const { product, document: configuration, answer } = offer;
    const { optionIds, hash } = await sealOnce(offer);
    const whole = hash.copy().update(`${canonicalJson(product)}}`);
    return { sha256: whole.digest("hex"), product, configuration, optionIds, answer };
  };
}

async function sealConfiguration({ product, configuration, document, answer }: Offer): Promise<Sealed> {
  const optionIds = await inSteps(packDocument(await inSteps(givenIds(configuration, product.id))));
  const hash = createHash("sha256").update('{"configuration":');
  await hashDocument(hash, document);
  await hashDocument(hash.update(',"optionIds":'), optionIds);
  if (answer) await hashDocument(hash.update(',"plmAnswer":'), answer);
  return { optionIds, hash: hash.update(',"product":') };
}

/** Stores a payload that no order has had before. */
export async function keepPayload(
  tx: Kysely<CatalogDatabase>,
  { sha256, product, configuration, optionIds, answer }: SealedPayload,
  at: Date,
): Promise<void> {
  const known = tx.selectFrom("catalog.product_payloads").select("sha256").where("sha256", "=", sha256);
  if (await known.executeTakeFirst()) return;
  await keepDocuments(tx, [configuration, optionIds, ...(answer ? [answer] : [])], at);
  await tx
    .insertInto("catalog.product_payloads")
    .values({
      sha256,
      payload: JSON.stringify({ product }),
      configuration_sha256: configuration.sha256,
      option_ids_sha256: optionIds.sha256,
      answer_sha256: answer?.sha256 ?? null,
      created_at: at,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Payloads by their hashes, whole; unknown ones are left out. */
export async function payloadsOf(
  db: Kysely<CatalogDatabase>,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, ProductPayload>> {
  const rows = await rowsOf(db, hashes);
  const named = rows.flatMap((row) =>
    [row.configuration_sha256, row.option_ids_sha256, row.answer_sha256].filter((sha) => sha !== null),
  );
  const documents = await readDocuments(db, named);
  return new Map(
    rows.map(({ sha256, payload, configuration_sha256, option_ids_sha256, answer_sha256 }) => {
      const parts = {
        ...payload,
        ...(configuration_sha256 !== null && { configuration: documents.get(configuration_sha256) }),
        ...(option_ids_sha256 !== null && { optionIds: documents.get(option_ids_sha256) }),
        ...(answer_sha256 !== null && { plmAnswer: documents.get(answer_sha256) }),
      };
      return [sha256, parts as unknown as ProductPayload];
    }),
  );
}

/** The products of payloads, without what is large in them. */
export async function productsOf(
  db: Kysely<CatalogDatabase>,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, ProductPayload["product"]>> {
  const rows = await rowsOf(db, hashes);
  return new Map(rows.map(({ sha256, payload }) => [sha256, (payload as unknown as ProductPayload).product]));
}

const rowsOf = (db: Kysely<CatalogDatabase>, hashes: readonly string[]) =>
  db
    .selectFrom("catalog.product_payloads")
    .select(["sha256", "payload", "configuration_sha256", "option_ids_sha256", "answer_sha256"])
    .where("sha256", "in", hashes)
    .execute();
