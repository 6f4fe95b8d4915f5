import type { PlmMode } from "./modes.ts";

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
 * Models that are not enabled are the MRP's.
 */
export function mergeCatalogue(
  plm: readonly PlmModel[],
  mrp: readonly MrpModel[],
  options: { withMrpOnly: boolean; modeOf: ModeOf },
): Catalogue {
  const { modeOf } = options;
  const mrpModels = byCode(mrp);
  const mrpTrims = byCode(mrp.flatMap(({ trims }) => trims));
  const plmTrims = codesOf(plm.flatMap(({ trims }) => trims));
  const mrpOnlyTrims = (model: MrpModel | undefined) =>
    unknownTo(plmTrims, options.withMrpOnly ? (model?.trims ?? []) : []).map((trim) =>
      productOfMrp(trim, "MRP"),
    );
  const isEnabled = ({ code }: { code: string }) =>
    modeOf({ id: mrpModels.get(code)?.id ?? code.toLowerCase(), code }) === "ENABLED";

  const models = plm
    .filter((model) => model.isActive && isEnabled(model))
    .map((model) => ({
      ...productOfPlm(model, mrpModels.get(model.code)),
      trims: [
        ...model.trims.filter(isActive).map((trim) => productOfPlm(trim, mrpTrims.get(trim.code))),
        ...mrpOnlyTrims(mrpModels.get(model.code)),
      ],
    }));
  const mrpOnly = unknownTo(codesOf(plm), options.withMrpOnly ? mrp.filter(isEnabled) : []).map((model) => ({
    ...productOfMrp(model, "MRP"),
    trims: mrpOnlyTrims(model),
  }));
  const heldBack = mrp
    .filter((model) => model.isActive && !isEnabled(model))
    .map((model) => modelOfMrp(model, modeOf));
  return [...models, ...mrpOnly, ...heldBack].sort(bySortKey);
}

/** Orders models by name, then id; the name is cut so that the key fits into a cursor. */
export const sortKey = ({ name, id }: Pick<Product, "id" | "name">): string =>
  `${name.slice(0, 64).toWellFormed()}\0${id}`;

const productOfPlm = (plm: PlmProduct, mrp: MrpProduct | undefined): Product => ({
  id: mrp?.id ?? plm.code.toLowerCase(),
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
