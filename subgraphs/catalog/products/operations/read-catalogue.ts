import type { Clock } from "../../../../lib/clock.ts";
import { CodedError } from "../../../../lib/errors.ts";
import {
  type Catalogue,
  type ModeOf,
  type MrpModel,
  type Origin,
  catalogueOfMrp,
  isSuspiciouslySmall,
  mergeCatalogue,
} from "../domain/catalogue.ts";
import { type PlmSwitch, decideMode, modesInUse } from "../domain/modes.ts";
import type { Provenance } from "../domain/provenance.ts";
import {
  type BothCatalogues,
  type Cache,
  type MrpSource,
  type PlmAnswer,
  PlmFailure,
  type PlmModes,
  type PlmSource,
  type PlmValue,
  type Shadow,
} from "./ports.ts";
import { type Miss, type PlmResource, mrpProvenance, readPlmFirst, refreshFromPlm } from "./read-through.ts";

/** Everything that the catalogue may be read from. */
export interface CatalogueSources {
  modes: Pick<PlmModes, "current">;
  plm: PlmSource;
  mrp: MrpSource;
  shadow: Shadow;
  cache: Cache<PlmValue<BothCatalogues>>;
  misses: Cache<Miss>;
  /** Catalogues as already merged, by what they were merged from. */
  merged: WeakMap<object, { version: number; catalogue: Catalogue }>;
  /** Whether the MRP may stand in for the PLM. */
  fallbackEnabled: boolean;
  /** True while a person has said that a much smaller catalogue is right. */
  isShrinkAccepted(): boolean;
  /** Told what an answer had beside what was taken from it. */
  onLeftovers?: OnLeftovers;
  clock: Clock;
}

/** `of` is the catalogue, or the code of the model whose configuration it was. */
export type OnLeftovers = (of: string, leftovers: Pick<PlmAnswer, "unknownFields" | "rejected">) => void;

/** The catalogue at one moment, with the provenance of the products of either origin. */
export interface CatalogueReading {
  catalogue: Catalogue;
  provenance: Readonly<Record<Origin, Provenance>>;
}

interface Request {
  correlationId: string;
}

const ARCHIVED =
  "The MRP's product tables are archived, so only the PLM can answer: set its mode to enabled, or restore the tables";

/** The key of the whole catalogue in the cache. */
export const CATALOGUE_KEY = "catalogue";

/**
 * Reads the catalogue as the mode says: from the MRP alone, from the MRP while the PLM is compared behind the
 * caller's back, or from the PLM first.
 *
 * @throws CodedError PLM_… when the PLM fails and nothing may stand in for it; GONE when the mode asks for tables that
 *   are archived
 */
export async function readCatalogue(sources: CatalogueSources, request: Request): Promise<CatalogueReading> {
  const plm = sources.modes.current();
  const modes = modesInUse(plm);
  if (!modes.has("ENABLED")) {
    const mrp = await sources.mrp.standIn();
    if (!mrp) throw new CodedError("GONE", ARCHIVED);
    if (modes.has("SHADOW")) sources.shadow.catalogueRead(request);
    return readingOfMrp(sources, mrp, plm);
  }
  const { value, provenance } = await readPlmFirst(resource(sources, request));
  if (modes.has("SHADOW")) sources.shadow.catalogueRead(request);
  if (provenance.source === "MRP") {
    const reading = readingOfMrp(sources, value.mrp, plm);
    return { ...reading, provenance: { ...reading.provenance, PLM: provenance, MRP: provenance } };
  }
  const notInPlm: Provenance = { ...provenance, source: "MRP", stale: false, fallbackReason: "NOT_IN_PLM" };
  return {
    catalogue: mergedOnce(sources, value, plm),
    provenance: { PLM: provenance, MRP: notInPlm, ...heldBack(sources.clock) },
  };
}

/** Asks the PLM for the catalogue whether or not anybody reads it; does nothing unless a model is enabled. */
export async function refreshCatalogue(sources: CatalogueSources, request: Request): Promise<void> {
  if (!modesInUse(sources.modes.current()).has("ENABLED")) return;
  await refreshFromPlm(resource(sources, request));
}

const resource = (sources: CatalogueSources, request: Request): PlmResource<BothCatalogues> => ({
  ...sources,
  key: CATALOGUE_KEY,
  ask: () => askPlm(sources, request),
  readMrp: async () => {
    const mrp = await sources.mrp.standIn();
    return mrp?.some(({ isActive }) => isActive) ? { plm: [], mrp } : undefined;
  },
});

/** An answer without products, or with far fewer than before, fails and so never takes the place of a good one. */
async function askPlm(sources: CatalogueSources, request: Request): Promise<PlmValue<BothCatalogues>> {
  const answer = await sources.plm.readCatalogue(request);
  const { models: plm, correlationId, schemaVersion } = answer;
  sources.onLeftovers?.("catalogue", answer);
  const count = plm.filter(({ isActive }) => isActive).length;
  if (count === 0)
    throw new PlmFailure("EMPTY", "The PLM answered without any product", { countsForCircuit: false });
  const known = await sources.cache.read(CATALOGUE_KEY);
  const before = known?.value.value.plm.filter(({ isActive }) => isActive).length ?? 0;
  if (isSuspiciouslySmall({ before, after: count }) && !sources.isShrinkAccepted()) {
    const message = `The PLM answered with ${count} models where there had been ${before}`;
    throw new PlmFailure("SHRUNK", message, { countsForCircuit: false });
  }
  return { value: { plm, mrp: await sources.mrp.readProducts() }, correlationId, schemaVersion };
}

const modeOf =
  (plm: PlmSwitch): ModeOf =>
  (product) =>
    decideMode(plm, product).mode;

function readingOfMrp(
  { clock }: CatalogueSources,
  mrp: readonly MrpModel[],
  plm: PlmSwitch,
): CatalogueReading {
  const held = heldBack(clock);
  const provenance = { ...held, PLM: held.DISABLED, MRP: held.DISABLED };
  return { catalogue: catalogueOfMrp(mrp, modeOf(plm)), provenance };
}

const heldBack = (clock: Clock) => ({
  SHADOW: mrpProvenance(clock, "SHADOW"),
  DISABLED: mrpProvenance(clock, "DISABLED"),
});

/** Merging costs more than all the rest of a reading from the cache, so it happens once for each answer. */
function mergedOnce(sources: CatalogueSources, both: BothCatalogues, plm: PlmSwitch): Catalogue {
  const known = sources.merged.get(both);
  if (known?.version === plm.version) return known.catalogue;
  const options = { withMrpOnly: sources.fallbackEnabled, modeOf: modeOf(plm) };
  const catalogue = mergeCatalogue(both.plm, both.mrp, options);
  sources.merged.set(both, { version: plm.version, catalogue });
  return catalogue;
}
