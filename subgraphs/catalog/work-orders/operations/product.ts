import { withinMs } from "../../../../lib/deadline.ts";
import { isCodedError } from "../../../../lib/errors.ts";
import type { ModelProduct } from "../../products/domain/catalogue.ts";
import type { FallbackReason, Provenance } from "../../products/domain/provenance.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { viewOfModel, type ModelView, type TrimView } from "../../products/operations/models.ts";

export interface ProductSources {
  /** The model as it is in the catalogue now. */
  live: (id: string) => Promise<ModelView | null>;
  /** The product as the order keeps it, by the hash of its payload. */
  kept: (sha256: string) => Promise<ModelProduct>;
  /** Milliseconds that the catalogue may take before the order answers from what it keeps. */
  deadlineMs: number;
  now: () => Date;
}

/**
 * The model of an order: as the catalogue has it now, or as the order keeps it when the catalogue has it no more,
 * cannot be read or is late. A late read goes on, so that the next one finds its result.
 */
export async function modelOfOrder(order: WorkOrder, sources: ProductSources): Promise<ModelView> {
  const live = sources.live(order.modelId).catch((error: unknown) => {
    if (isCodedError(error)) return null;
    throw error;
  });
  const found = await withinMs<ModelView | null | typeof LATE>(live, sources.deadlineMs, () => LATE);
  if (found === LATE) return keptModel(order, sources, "TIMEOUT");
  return found ?? keptModel(order, sources, null);
}

const LATE = Symbol("late");

/** The trim of an order, found as its model is; null when it was made for the model as such. */
export async function trimOfOrder(order: WorkOrder, sources: ProductSources): Promise<TrimView | null> {
  const { trimId } = order;
  if (trimId === null) return null;
  const isWanted = ({ id }: TrimView) => id === trimId;
  const live = (await modelOfOrder(order, sources)).trims.find(isWanted);
  return live ?? (await keptModel(order, sources, null)).trims.find(isWanted) ?? null;
}

async function keptModel(
  order: WorkOrder,
  { kept, now }: ProductSources,
  fallbackReason: FallbackReason | null,
): Promise<ModelView> {
  const { origin, createdAt } = order;
  const product = await kept(origin.payloadSha256);
  const provenance: Provenance = {
    source: origin.dataSource === "plm" ? "PLM_STALE" : "MRP",
    fetchedAt: createdAt,
    ageSeconds: Math.max(0, (now().getTime() - createdAt.getTime()) / 1000),
    stale: true,
    fallbackReason,
    plmCorrelationId: origin.plmCorrelationId,
    plmSchemaVersion: origin.plmSchemaVersion,
  };
  return viewOfModel({ catalogue: [product], provenance: ofAll(provenance) }, product);
}

/** Whatever the catalogue knew of the product's origin then: the order has it from one place. */
const ofAll = (provenance: Provenance) => ({
  PLM: provenance,
  MRP: provenance,
  SHADOW: provenance,
  DISABLED: provenance,
});
