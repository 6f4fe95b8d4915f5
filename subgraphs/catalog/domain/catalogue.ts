/** Which system an item of the catalogue was taken from. */
export type Origin = "PLM" | "MRP";

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
export const catalogueOfMrp = (models: readonly MrpModel[]): Catalogue =>
  models.filter(isActive).map(modelOfMrp).sort(bySortKey);

/**
 * The PLM's catalogue under our ids. What the PLM has never heard of is added from the MRP when `withMrpOnly`
 * is set; where both have a product, the PLM's word holds, also when it says that the product is inactive.
 */
export function mergeCatalogue(
  plm: readonly PlmModel[],
  mrp: readonly MrpModel[],
  options: { withMrpOnly: boolean },
): Catalogue {
  const mrpModels = byCode(mrp);
  const mrpTrims = byCode(mrp.flatMap(({ trims }) => trims));
  const plmTrims = codesOf(plm.flatMap(({ trims }) => trims));
  const mrpOnlyTrims = (model: MrpModel | undefined) =>
    unknownTo(plmTrims, options.withMrpOnly ? (model?.trims ?? []) : []).map(productOfMrp);

  const models = plm.filter(isActive).map((model) => ({
    ...productOfPlm(model, mrpModels.get(model.code)),
    trims: [
      ...model.trims.filter(isActive).map((trim) => productOfPlm(trim, mrpTrims.get(trim.code))),
      ...mrpOnlyTrims(mrpModels.get(model.code)),
    ],
  }));
  const mrpOnly = unknownTo(codesOf(plm), options.withMrpOnly ? mrp : []).map((model) => ({
    ...productOfMrp(model),
    trims: mrpOnlyTrims(model),
  }));
  return [...models, ...mrpOnly].sort(bySortKey);
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

const modelOfMrp = (model: MrpModel): ModelProduct => ({
  ...productOfMrp(model),
  trims: model.trims.filter(isActive).map(productOfMrp),
});

const productOfMrp = ({ id, code, name, description }: MrpProduct): Product => ({
  id,
  code,
  name,
  description,
  plmId: null,
  origin: "MRP",
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
