import { z } from "zod";
import type { PlmModel } from "../../domain/catalogue.ts";
import { code, envelope, name, parsePayload, shortText, uniqueCodes } from "./payload-parts.ts";

/** The catalogue as parsed from the PLM's envelope. */
export interface CataloguePayload {
  models: readonly PlmModel[];
  schemaVersion: string;
}

const productSchema = z.object({
  id: shortText,
  code,
  name,
  description: z.string().max(10_000).nullish(),
  active: z.boolean().default(true),
});

const modelSchema = productSchema.extend({
  trims: z.array(productSchema),
});

const catalogueSchema = envelope(
  z.object({
    models: z
      .array(modelSchema)
      .refine(uniqueCodes, "two models share a code")
      .refine((models) => uniqueCodes(models.flatMap(({ trims }) => trims)), "two trims share a code"),
  }),
);

/**
 * Reads the body of `GET /plm/catalog`: lenient to fields that it does not know, strict on those it needs,
 * because half a catalogue is worse than an old one.
 *
 * @throws PlmFailure MALFORMED naming the first field that is wrong
 */
export function parseCatalogue(body: unknown): CataloguePayload {
  const { schemaVersion, data } = parsePayload(catalogueSchema, body);
  return { schemaVersion, models: data.models.map(toModel) };
}

type ProductPayload = z.infer<typeof productSchema>;

const toModel = (model: z.infer<typeof modelSchema>): PlmModel => ({
  ...toProduct(model),
  trims: model.trims.map(toProduct),
});

const toProduct = ({ id, code, name, description, active }: ProductPayload) => ({
  plmId: id,
  code,
  name,
  description: description ?? null,
  isActive: active,
});
