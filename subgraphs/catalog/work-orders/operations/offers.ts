import type { ProductOffer } from "./ports.ts";
import { CodedError } from "../../../../lib/errors.ts";
import { optionCount, type ModelConfiguration } from "../../products/domain/configuration.ts";
import type { BomRevisions } from "../../products/ports.ts";
import type { CatalogueReading } from "../../products/operations/read-catalogue.ts";
import type { ModelInReading } from "../../products/operations/read-configuration.ts";
import type { Sourced } from "../../products/operations/read-through.ts";

interface Request {
  correlationId: string;
}

export interface OfferSources {
  readCatalogue(request: Request): Promise<CatalogueReading>;
  readConfiguration(model: ModelInReading, request: Request): Promise<Sourced<ModelConfiguration>>;
  revisions: Pick<BomRevisions, "record">;
}

/**
 * Describes products as the catalogue tells them at this moment. The configuration is what an order is built from, so
 * its source is the source of the order, a revision holds it, and it is known whole.
 *
 * @throws CodedError PLM_MALFORMED for a configuration of which something was taken away; CONFLICT for one that offers
 *   nothing
 */
export const createProductOffers = (sources: OfferSources) => ({
  /** @throws CodedError PLM_… when no source answers; undefined when none knows the model */
  read: async ({
    modelId,
    correlationId,
  }: {
    modelId: string;
    correlationId: string;
  }): Promise<ProductOffer | undefined> => {
    const reading = await sources.readCatalogue({ correlationId });
    const product = reading.catalogue.find(({ id }) => id === modelId);
    if (!product) return undefined;
    const read = await sources.readConfiguration({ product, reading }, { correlationId });
    const configuration = whole(product.code, read.value);
    const { document } = await sources.revisions.record(product.code, read);
    const { source, plmCorrelationId, plmSchemaVersion, fallbackReason } = read.provenance;
    const isOfPlm = source !== "MRP";
    return {
      product,
      configuration,
      document,
      dataSource: isOfPlm ? "plm" : "mrp",
      plmCorrelationId: isOfPlm ? plmCorrelationId : null,
      plmSchemaVersion: isOfPlm ? plmSchemaVersion : null,
      fallbackReason,
      answer: isOfPlm ? read.raw : undefined,
    };
  },
});

function whole(modelCode: string, configuration: ModelConfiguration): ModelConfiguration {
  const [first] = configuration.rejected ?? [];
  if (first) {
    const message = `The configuration of ${modelCode} is not known whole (${first.place}: ${first.reason}); ask those who keep it in the PLM`;
    throw new CodedError("PLM_MALFORMED", message, { field: first.place });
  }
  if (optionCount(configuration) > 0) return configuration;
  throw new CodedError("CONFLICT", `The catalogue has nothing that ${modelCode} could be built from`);
}
