/** What a bill of materials says of a line. */
export const BILL_FIELDS = [
  "level",
  "item",
  "parent",
  "partNumber",
  "revision",
  "name",
  "value",
  "footprint",
  "quantity",
  "unit",
  "designators",
  "notFitted",
  "excluded",
  "price",
  "currency",
  "effectiveFrom",
  "effectiveTo",
  "alternates",
] as const;

export type BillField = (typeof BILL_FIELDS)[number];

/** Headers by field, best first, in small letters without blanks and marks: as ERP systems, CAD and KiCad write them. */
const HEADERS: Readonly<Record<BillField, string>> = {
  level: "level lvl bomlevel indentlevel structurelevel depth",
  item: "item itemno itemnumber # pos position findno findnumber id",
  parent: "parent parentpartnumber parentpart parentno parentnumber parentitem parentkey",
  partNumber:
    "partnumber partno part# pn mpn manufacturerpartnumber manufacturerpn mfrpartnumber mfrpn mfgpartnumber mfgpn childpartnumber child componentpartnumber materialnumber itemcode sku",
  revision: "revision rev partrevision itemrevision",
  name: "name partname title longname description desc partdescription childdescription nomenclature shortname",
  value: "value val comment designation",
  footprint: "footprint package",
  quantity:
    "quantity qty qnty quantityperpcb qtyperpcb qtyper quantityper qtyperassy asslyqty assyqty #reqinassy count amount",
  unit: "unit uom um unitofmeasure units quantityunit qtyunit",
  designators:
    "reference references ref refs designator designators refdes referencedesignator referencedesignators",
  notFitted: "dnp donotpopulate dnf donotfit",
  excluded: "excludefrombom",
  price: "unitprice price priceeach costpp unitcost cost",
  currency: "currency",
  effectiveFrom: "effectivefrom validfrom effectivefromdate startdate",
  effectiveTo: "effectiveto validto effectivetodate enddate",
  alternates: "alternates alternate alternatives alternative substitutes substitute",
};

/** Which column has which field; headers that are not read are in `unread`. */
export interface Columns {
  /** Positions of the fields. */
  of: ReadonlyMap<BillField, number>;
  unread: readonly string[];
}

const plain = (header: string): string => header.toLowerCase().replace(/[^\p{L}\p{N}#²³]/gu, "");

/**
 * The columns of a header.
 *
 * @param chosen headers that the caller named for a field; they come before any other
 */
export function columnsOf(header: readonly string[], chosen: ReadonlyMap<BillField, string>): Columns {
  const found = header.map(plain);
  const of = new Map<BillField, number>();
  for (const [field, name] of chosen) {
    const index = found.indexOf(plain(name));
    if (index >= 0) of.set(field, index);
  }
  for (const field of BILL_FIELDS) {
    if (of.has(field)) continue;
    const taken = new Set(of.values());
    const index = HEADERS[field]
      .split(" ")
      .map((name) => found.findIndex((given, at) => given === name && !taken.has(at)))
      .find((at) => at >= 0);
    if (index !== undefined) of.set(field, index);
  }
  const read = new Set(of.values());
  return { of, unread: header.filter((name, index) => name !== "" && !read.has(index)) };
}

/** True for a row that can be the header of a bill: it says what a line is, and how much of it or where it goes. */
export function isHeader({ of }: Columns): boolean {
  const isNamed = of.has("partNumber") || of.has("name") || of.has("value");
  return isNamed && (of.has("quantity") || of.has("designators"));
}
