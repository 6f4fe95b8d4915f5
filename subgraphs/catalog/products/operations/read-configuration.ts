import type { Clock } from "../../../../lib/clock.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import type { ModelProduct } from "../domain/catalogue.ts";
import { withOurIds, writeOurIds, type ModelConfiguration, type OptionIds } from "../domain/configuration.ts";
import { decideMode } from "../domain/modes.ts";
import type { FallbackReason } from "../domain/provenance.ts";
import { notFound } from "../../../../lib/errors.ts";
import type { CatalogueReading, OnLeftovers } from "./read-catalogue.ts";
import type { BomRevisions } from "../ports.ts";
import {
  PlmFailure,
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
  /** Configurations as already under our ids, by what the PLM told. */
  identified: WeakMap<ModelConfiguration, Identified>;
  /** Told that a revision could not be written down. */
  onUnrecorded(modelCode: string, error: unknown): void;
  /** Told what an answer had beside what was taken from it. */
  onLeftovers?: OnLeftovers;
  clock: Clock;
}

interface Identified {
  ids: string;
  value: Promise<ModelConfiguration>;
}

interface Request {
  correlationId: string;
}

/** The key of a model's configuration in the cache. */
export const configurationKey = (modelCode: string): string => `configuration:${modelCode}`;

/**
 * Reads what a model can be built with, from where the mode of the model says. Whatever is read is written down as a
 * revision first, so that history never lacks what a caller has seen.
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
    return recorded(sources, code, read);
  }
  const value = await sources.mrp.readConfiguration(code);
  if (!value) throw notFound("Configuration of model", code);
  const read = { value, provenance: mrpProvenance(sources.clock, mode satisfies HeldBack) };
  if (mode === "SHADOW") sources.shadow.configurationRead(code, request);
  return recorded(sources, code, read);
}

/** Readers can do without history for a while, so a failure is told and not thrown; orders look for it again. */
async function recorded(
  sources: ConfigurationSources,
  code: string,
  read: Sourced<ModelConfiguration>,
): Promise<Sourced<ModelConfiguration>> {
  try {
    const { revision } = await sources.revisions.record(code, read);
    return { ...read, revision };
  } catch (error) {
    sources.onUnrecorded(code, error);
    return read;
  }
}

/** Asks the PLM for a model's configuration whether or not anybody reads it. */
export async function refreshConfiguration(
  sources: ConfigurationSources,
  model: ModelInReading,
  request: Request,
): Promise<void> {
  if (decideMode(sources.modes.current(), model.product).mode !== "ENABLED") return;
  const read = await refreshFromPlm(resource(sources, model, request));
  if (read) await recorded(sources, model.product.code, read);
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
    readMrp: async () => {
      const value = await sources.mrp.readConfiguration(code);
      return value && value.sections.length > 0 ? value : undefined;
    },
  };
}

/** A configuration without sections where the MRP has some fails, so that it never takes their place. */
async function askPlm(
  sources: ConfigurationSources,
  { product, reading }: ModelInReading,
  request: Request,
): Promise<PlmValue<ModelConfiguration>> {
  if (product.plmId === null) throw unknownToPlm(product, reading.provenance[product.origin].fallbackReason);
  const { withdrawnTrims: withdrawn = [] } = product;
  const answer = await sources.plm.readConfiguration({
    ...request,
    modelPlmId: product.plmId,
    trimCodes: new Map(
      [...product.trims, ...withdrawn].flatMap(({ plmId, code }) => (plmId === null ? [] : [[plmId, code]])),
    ),
  });
  const { configuration, correlationId, schemaVersion, raw } = answer;
  sources.onLeftovers?.(product.code, answer);
  const ofMrp = await sources.mrp.readOptionIds(product.code);
  if (configuration.sections.length === 0 && ofMrp.size > 0) {
    const message = `The PLM answered without any section for ${product.code}`;
    throw new PlmFailure("EMPTY", message, { countsForCircuit: false });
  }
  const value = await identifiedOnce(sources, configuration, { modelId: product.id, ofMrp, withdrawn });
  return { value, correlationId, schemaVersion, ...(raw !== undefined && { raw }) };
}

/** An answer that did not change stays one and the same value, so that nothing is worked out of it twice. */
function identifiedOnce(
  { identified }: ConfigurationSources,
  configuration: ModelConfiguration,
  ours: { modelId: string; ofMrp: OptionIds; withdrawn: readonly { code: string }[] },
): Promise<ModelConfiguration> {
  const gone = new Set(ours.withdrawn.map(({ code }) => code));
  const ids = JSON.stringify([ours.modelId, ...ours.ofMrp, ...gone]);
  const known = identified.get(configuration);
  if (known?.ids === ids) return known.value;
  // What is known already is in the cache, and stays as it is there.
  const naming = known
    ? inSteps(withOurIds(configuration, ours.modelId, ours.ofMrp))
    : inSteps(writeOurIds(configuration, ours.modelId, ours.ofMrp)).then(() => configuration);
  const value = naming.then((named) => ({
    ...named,
    sections: named.sections.filter(({ trimCode }) => trimCode === null || !gone.has(trimCode)),
  }));
  identified.set(configuration, { ids, value });
  return value;
}

/** Without the PLM's id of the model nothing can be asked; why there is none is known from the catalogue. */
function unknownToPlm(product: ModelProduct, reason: FallbackReason | null): PlmFailure {
  const known = reason === null || reason === "DISABLED" || reason === "SHADOW" ? "NOT_IN_PLM" : reason;
  return new PlmFailure(known satisfies PlmFailureReason, `The PLM's id of ${product.code} is not known`, {
    countsForCircuit: false,
  });
}
