import { isUnit } from "../../../products/domain/quantity.ts";

/** How people write units, with their codes of UNECE Recommendation 20. */
const SPELLINGS: Readonly<Record<string, string>> = {
  C62: "1 each ea pc pce pcs piece pieces nos no unit units st stk stück",
  SET: "set sets",
  PR: "pair pairs",
  MTR: "m meter meters metre metres",
  MMT: "mm millimeter millimetre",
  CMT: "cm centimeter centimetre",
  FOT: "ft foot feet",
  INH: "in inch inches",
  KGM: "kg kgs kilogram",
  GRM: "g gr gram grams",
  LBR: "lb lbs pound pounds",
  LTR: "l ltr liter liters litre litres",
  MLT: "ml milliliter millilitre",
  MTK: "m2 m² sqm",
  MTQ: "m3 m³ cbm",
  HUR: "h hr hrs hour hours",
};
const CODES: ReadonlyMap<string, string> = new Map(
  Object.entries(SPELLINGS).flatMap(([code, spellings]) =>
    spellings.split(" ").map((spelling) => [spelling, code]),
  ),
);

/** The code of a unit as a file has it; undefined for an unknown unit. */
export function unitOf(text: string, more: ReadonlyMap<string, string>): string | undefined {
  const spelling = text.trim().toLowerCase().replace(/\.$/, "");
  return more.get(spelling) ?? CODES.get(spelling) ?? (isUnit(text.trim()) ? text.trim() : undefined);
}
