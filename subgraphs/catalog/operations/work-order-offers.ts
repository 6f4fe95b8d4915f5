import type { ModelConfiguration } from "../domain/configuration.ts";
import type { CatalogueReading } from "./read-catalogue.ts";
import type { ModelInReading } from "./read-configuration.ts";
import type { Sourced } from "./read-through.ts";
import type { ProductOffers } from "./work-order-ports.ts";

interface Request {
  correlationId: string;
}

export interface OfferSources {
  readCatalogue(request: Request): Promise<CatalogueReading>;
  readConfiguration(model: ModelInReading, request: Request): Promise<Sourced<ModelConfiguration>>;
}

/**
 * Describes products as the catalogue tells them at this moment. The configuration is what an order is built
 * from, so its source is the source of the order.
 */
export const createProductOffers = (sources: OfferSources): ProductOffers => ({
  read: async ({ modelId, correlationId }) => {
    const reading = await sources.readCatalogue({ correlationId });
    const product = reading.catalogue.find(({ id }) => id === modelId);
    if (!product) return undefined;
    const configuration = await sources.readConfiguration({ product, reading }, { correlationId });
    const { source, plmCorrelationId, plmSchemaVersion, fallbackReason } = configuration.provenance;
    const isOfPlm = source !== "MRP";
    return {
      product,
      configuration: configuration.value,
      dataSource: isOfPlm ? "plm" : "mrp",
      plmCorrelationId: isOfPlm ? plmCorrelationId : null,
      plmSchemaVersion: isOfPlm ? plmSchemaVersion : null,
      fallbackReason,
      payload: {
        product,
        configuration: configuration.value,
        ...(isOfPlm && { plmAnswer: withoutCorrelation(configuration.raw) }),
      },
    };
  },
});

/** The request that brought an answer is told apart from it: the same answer twice is one and the same payload. */
function withoutCorrelation(raw: unknown): unknown {
  if (typeof raw !== "object" || raw === null) return raw ?? null;
  return Object.fromEntries(Object.entries(raw).filter(([name]) => name !== "correlationId"));
}
