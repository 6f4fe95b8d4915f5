import type { PlmMode } from "./modes.ts";
import { idOfCode, idOfTrim, unusedId } from "./product-ids.ts";

/**
 * Where an item of the catalogue was taken from: the PLM, or the MRP; and if the mode said that it should be the
 * MRP, which mode.
 */
export type Origin = "PLM" | "MRP" | "SHADOW" | "DISABLED";

/** How a model is treated. */
export type ModeOf = (product: { id: string; code: string }) => PlmMode;

export interface Product {
  /** Our id, the same whichever system answers: the MRP's where it has the product. */
  id: string;
  /** The code that people use and that both systems share, like `LX26`. */
  code: string;
  name: string;
  description: string | null;
  /** The PLM's own id; null for a product that only the MRP has. */
  plmId: string | null;
  origin: Origin;
}

export interface ModelProduct extends Product {
  /** In the order of the catalogue. */
  trims: readonly Product[];
  /** Trims that the PLM calls inactive: it may still describe them. */
  withdrawnTrims?: readonly { plmId: string; code: string }[];
}

/** Models sorted by name, then id. */
export type Catalogue = readonly ModelProduct[];

/** A product as the PLM tells it. */
export interface PlmProduct {
  plmId: string;
  code: string;
  name: string;
  description: string | null;
  isActive: boolean;
}

/** A model of the PLM with its trims. */
export interface PlmModel extends PlmProduct {
  trims: readonly PlmProduct[];
}

/** A product as the MRP's tables tell it; inactive ones still own their id. */
export interface MrpProduct {
  id: string;
  code: string;
  name: string;
  description: string | null;
  isActive: boolean;
}

export interface MrpModel extends MrpProduct {
  trims: readonly MrpProduct[];
}

/** The catalogue when the PLM has no say. */
export const catalogueOfMrp = (models: readonly MrpModel[], modeOf: ModeOf): Catalogue =>
  models
    .filter(isActive)
    .map((model) => modelOfMrp(model, modeOf))
    .sort(bySortKey);

/**
 * The PLM's catalogue under our ids. What the PLM has never heard of is added from the MRP when `withMrpOnly`
 * is set; where both have a product, the PLM's word holds, also when it says that the product is inactive.
 * Models that are not enabled are the MRP's. Two products are always two ids, however little their codes differ.
 */
export function mergeCatalogue(
  plm: readonly PlmModel[],
  mrp: readonly MrpModel[],
  options: { withMrpOnly: boolean; modeOf: ModeOf },
): Catalogue {
  const { modeOf } = options;
  const ids = ourIds(plm, mrp);
  const mrpModels = byCode(mrp);
  const isKnownTrim = knownTrims(plm, mrp);
  const mrpOnlyTrims = (model: MrpModel | undefined) =>
    (options.withMrpOnly ? (model?.trims ?? []) : [])
      .filter((trim) => trim.isActive && !isKnownTrim(trim))
      .map((trim) => productOfMrp(trim, "MRP"));
  const isEnabled = (id: string, code: string) => modeOf({ id, code }) === "ENABLED";

  const models = plm
    .filter((model) => model.isActive && isEnabled(ids.of(model), model.code))
    .map((model) => ({
      ...productOfPlm(model, ids.of(model)),
      trims: [
        ...model.trims.filter(isActive).map((trim) => productOfPlm(trim, ids.of(trim))),
        ...mrpOnlyTrims(mrpModels.get(model.code)),
      ],
      ...withdrawn(model),
    }));
  const enabledInMrp = mrp.filter(({ id, code }) => isEnabled(id, code));
  const mrpOnly = unknownTo(codesOf(plm), options.withMrpOnly ? enabledInMrp : []).map((model) => ({
    ...productOfMrp(model, "MRP"),
    trims: mrpOnlyTrims(model),
  }));
  const heldBack = mrp
    .filter(({ id, code, isActive: isThere }) => isThere && !isEnabled(id, code))
    .map((model) => modelOfMrp(model, modeOf));
  return [...models, ...mrpOnly, ...heldBack].sort(bySortKey);
}

function withdrawn({ trims }: PlmModel): Pick<ModelProduct, "withdrawnTrims"> {
  const gone = trims.filter((trim) => !trim.isActive);
  return gone.length === 0 ? {} : { withdrawnTrims: gone.map(({ plmId, code }) => ({ plmId, code })) };
}

/** Our ids of the PLM's products: the MRP's where it has the product, else one of its own for each. */
function ourIds(plm: readonly PlmModel[], mrp: readonly MrpModel[]) {
  const mrpModels = byCode(mrp);
  const mrpTrims = byCode(mrp.flatMap(({ trims }) => trims));
  const takenModels = new Set(mrp.map(({ id }) => id));
  const takenTrims = new Set(mrp.flatMap(({ trims }) => trims.map(({ id }) => id)));
  const given = new Map<PlmProduct, string>();
  const give = (product: PlmProduct, taken: Set<string>, wish: string) => {
    const id = unusedId(wish, taken);
    taken.add(id);
    given.set(product, id);
    return id;
  };
  const spent = new Set<string>();
  const takeOver = (product: PlmProduct, id: string) => {
    spent.add(id);
    given.set(product, id);
  };
  for (const model of plm) {
    const ofMrp = mrpModels.get(model.code);
    const id = ofMrp?.id ?? give(model, takenModels, idOfCode(model.code));
    given.set(model, id);
    const own = byCode(ofMrp?.trims ?? []);
    for (const trim of model.trims) {
      const known = own.get(trim.code);
      if (known) takeOver(trim, known.id);
    }
  }
  for (const model of plm) {
    for (const trim of model.trims) {
      if (given.has(trim)) continue;
      // The MRP may have it under another model: the first one of that code at the PLM is the same trim.
      const moved = mrpTrims.get(trim.code);
      if (moved && !spent.has(moved.id)) takeOver(trim, moved.id);
      else give(trim, takenTrims, idOfTrim({ id: given.get(model) ?? "", code: model.code }, trim.code));
    }
  }
  return { of: (product: PlmProduct): string => given.get(product) ?? idOfCode(product.code) };
}

/** Trims of the MRP that the PLM has: under the same model, or moved to another one. */
function knownTrims(plm: readonly PlmModel[], mrp: readonly MrpModel[]): (trim: MrpProduct) => boolean {
  const inPlm = new Set(plm.flatMap(({ trims }) => trims.map(({ code }) => code)));
  const known = new Set(mrp.flatMap(({ trims }) => trims.filter(({ code }) => inPlm.has(code))));
  return (trim) => known.has(trim);
}

/** Orders models by name, then id; the name is cut so that the key fits into a cursor. */
export const sortKey = ({ name, id }: Pick<Product, "id" | "name">): string =>
  `${name.slice(0, 64).toWellFormed()}\0${id}`;

const productOfPlm = (plm: PlmProduct, id: string): Product => ({
  id,
  code: plm.code,
  name: plm.name,
  description: plm.description,
  plmId: plm.plmId,
  origin: "PLM",
});

function modelOfMrp(model: MrpModel, modeOf: ModeOf): ModelProduct {
  const mode = modeOf(model);
  const origin = mode === "ENABLED" ? "MRP" : mode;
  const trims = model.trims.filter(isActive).map((trim) => productOfMrp(trim, origin));
  return { ...productOfMrp(model, origin), trims };
}

const productOfMrp = ({ id, code, name, description }: MrpProduct, origin: Origin): Product => ({
  id,
  code,
  name,
  description,
  plmId: null,
  origin,
});

const isActive = (product: { isActive: boolean }) => product.isActive;

const unknownTo = <T extends MrpProduct>(codes: ReadonlySet<string>, products: readonly T[]): T[] =>
  products.filter((product) => product.isActive && !codes.has(product.code));

const codesOf = (products: readonly { code: string }[]): ReadonlySet<string> =>
  new Set(products.map(({ code }) => code));

const byCode = <T extends { code: string }>(products: readonly T[]): ReadonlyMap<string, T> =>
  new Map(products.map((product) => [product.code, product]));

function bySortKey(a: Product, b: Product): number {
  const [keyA, keyB] = [sortKey(a), sortKey(b)];
  if (keyA === keyB) return 0;
  return keyA < keyB ? -1 : 1;
}

const LARGEST_LOSS_SHARE = 0.2;

/** True when a list has lost so many of its items at once that a mistake is likelier than a decision. */
export const isSuspiciouslySmall = ({ before, after }: { before: number; after: number }): boolean =>
  before - after > before * LARGEST_LOSS_SHARE;
