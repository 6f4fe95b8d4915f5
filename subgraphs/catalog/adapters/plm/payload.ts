import { z } from "zod";
import type { PlmModel } from "../../domain/catalogue.ts";
import { malformed } from "./failures.ts";

/** The catalogue as parsed from the PLM's envelope. */
export interface CataloguePayload {
  models: readonly PlmModel[];
  schemaVersion: string;
}

const shortText = z.string().min(1).max(128);

const productSchema = z.object({
  id: shortText,
  code: z.string().trim().min(1).max(64),
  name: z.string().trim().min(1).max(200),
  description: z.string().max(10_000).nullish(),
  active: z.boolean().default(true),
});

const uniqueCodes = (products: readonly { code: string }[]) =>
  new Set(products.map(({ code }) => code)).size === products.length;

const modelSchema = productSchema.extend({
  trims: z.array(productSchema),
});

const envelopeSchema = z.object({
  schemaVersion: shortText,
  data: z.object({
    models: z
      .array(modelSchema)
      .refine(uniqueCodes, "two models share a code")
      .refine((models) => uniqueCodes(models.flatMap(({ trims }) => trims)), "two trims share a code"),
  }),
});

/**
 * Reads the body of `GET /plm/catalog`: lenient to fields that it does not know, strict on those it needs,
 * because half a catalogue is worse than an old one.
 *
 * @throws PlmFailure MALFORMED naming the first field that is wrong
 */
export function parseCatalogue(body: unknown): CataloguePayload {
  const result = envelopeSchema.safeParse(body);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw malformed(`${issue?.path.join(".") || "body"}: ${issue?.message ?? "wrong"}`);
  }
  const { schemaVersion, data } = result.data;
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
