import type { Clock } from "../../../lib/clock.ts";
import type { ModelProduct } from "../domain/catalogue.ts";
import { withMrpIds, type ModelConfiguration } from "../domain/configuration.ts";
import { decideMode } from "../domain/modes.ts";
import type { FallbackReason } from "../domain/provenance.ts";
import type { CatalogueReading } from "./read-catalogue.ts";
import {
  PlmFailure,
  type BomRevisions,
  type Cache,
  type HeldBack,
  type MrpSource,
  type PlmFailureReason,
  type PlmModes,
  type PlmSource,
  type PlmValue,
  type Shadow,
} from "./ports.ts";
import {
  mrpProvenance,
  readPlmFirst,
  refreshFromPlm,
  type Miss,
  type PlmResource,
  type Sourced,
} from "./read-through.ts";

/** Everything that a model's configuration may be read from. */
export interface ConfigurationSources {
  modes: Pick<PlmModes, "current">;
  plm: PlmSource;
  mrp: MrpSource;
  shadow: Shadow;
  revisions: BomRevisions;
  cache: Cache<PlmValue<ModelConfiguration>>;
  misses: Cache<Miss>;
  /** Whether the MRP may stand in for the PLM. */
  fallbackEnabled: boolean;
  clock: Clock;
}

interface Request {
  correlationId: string;
}

/** The key of a model's configuration in the cache. */
export const configurationKey = (modelCode: string): string => `configuration:${modelCode}`;

/**
 * Reads what a model can be built with, from where the mode of the model says.
 *
 * @throws CodedError PLM_… when the PLM fails and nothing may stand in for it
 */
export async function readConfiguration(
  sources: ConfigurationSources,
  model: ModelInReading,
  request: Request,
): Promise<Sourced<ModelConfiguration>> {
  const { code } = model.product;
  const { mode } = decideMode(sources.modes.current(), model.product);
  if (mode === "ENABLED") {
    const read = await readPlmFirst(resource(sources, model, request));
    if (read.provenance.source === "PLM") await sources.revisions.record(code, read);
    return read;
  }
  const value = await sources.mrp.readConfiguration(code);
  const read = { value, provenance: mrpProvenance(sources.clock, mode satisfies HeldBack) };
  await sources.revisions.record(code, read);
  if (mode === "SHADOW") sources.shadow.configurationRead(code, request);
  return read;
}

/** Asks the PLM for a model's configuration whether or not anybody reads it. */
export async function refreshConfiguration(
  sources: ConfigurationSources,
  model: ModelInReading,
  request: Request,
): Promise<void> {
  if (decideMode(sources.modes.current(), model.product).mode === "ENABLED")
    await refreshFromPlm(resource(sources, model, request));
}

/** A model with the reading of the catalogue that it was found in. */
export interface ModelInReading {
  product: ModelProduct;
  reading: CatalogueReading;
}

function resource(
  sources: ConfigurationSources,
  model: ModelInReading,
  request: Request,
): PlmResource<ModelConfiguration> {
  const { code } = model.product;
  return {
    ...sources,
    key: configurationKey(code),
    ask: () => askPlm(sources, model, request),
    readMrp: () => sources.mrp.readConfiguration(code),
  };
}

/** A configuration without sections where the MRP has some fails, so that it never takes their place. */
async function askPlm(
  sources: ConfigurationSources,
  { product, reading }: ModelInReading,
  request: Request,
): Promise<PlmValue<ModelConfiguration>> {
  if (product.plmId === null) throw unknownToPlm(product, reading.provenance[product.origin].fallbackReason);
  const answer = await sources.plm.readConfiguration({
    ...request,
    modelPlmId: product.plmId,
    trimCodes: new Map(product.trims.flatMap(({ plmId, code }) => (plmId === null ? [] : [[plmId, code]]))),
  });
  const { configuration, ...origin } = answer;
  const mrp = await sources.mrp.readConfiguration(product.code);
  if (configuration.sections.length === 0 && mrp.sections.length > 0) {
    const message = `The PLM answered without any section for ${product.code}`;
    throw new PlmFailure("EMPTY", message, { countsForCircuit: false });
  }
  return { value: withMrpIds(configuration, mrp), ...origin };
}

/** Without the PLM's id of the model nothing can be asked; why there is none is known from the catalogue. */
function unknownToPlm(product: ModelProduct, reason: FallbackReason | null): PlmFailure {
  const known = reason === null || reason === "DISABLED" || reason === "SHADOW" ? "NOT_IN_PLM" : reason;
  return new PlmFailure(known satisfies PlmFailureReason, `The PLM's id of ${product.code} is not known`, {
    countsForCircuit: false,
  });
}
