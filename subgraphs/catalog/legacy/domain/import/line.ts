import { DAY_ALLOWED, isDay } from "../../../../../lib/day.ts";
import { isStorable } from "../../../../../lib/storable.ts";
import { NO_DETAILS, type Part, type PartDetails } from "../../../products/domain/configuration.ts";
import {
  DECIMAL_ALLOWED,
  decimalOf,
  PIECE,
  SIGNED_ALLOWED,
  signedDecimalOf,
  type Quantity,
} from "../../../products/domain/quantity.ts";
import type { BillField } from "./columns.ts";
import { designatorsIn } from "./designators.ts";
import { unitOf } from "./units.ts";

/** What an operator says of a file that the file does not say itself. */
export interface BillRules {
  /** Codes of Recommendation 20 by the file's own words for units, in small letters. */
  units: ReadonlyMap<string, string>;
  /** Of prices in a file without a column for it. */
  currency: string | undefined;
  /** Quantities and prices have a comma before their fraction, as in `0,25`. */
  hasDecimalComma: boolean;
}

/** The cells of a row by field; a field without a column or a text is absent. */
export type Cells = ReadonlyMap<BillField, string>;

type LinePart = Omit<Part, "details"> & { details: Omit<PartDetails, "parts"> };

const TEXT_MAX = 200;
const NAME_MAX = 1_000;
const DESIGNATORS_MAX = 20_000;
/** A quantity with its unit behind it, as in `2.5 m`. */
const WITH_UNIT = /^([\d.,]+)\s*(\p{L}{1,12}[²³]?|m[23])$/u;
const NO = /^(|0|no|false|n|-)$/i;

/** A row as a part without its parts, or the reason why it is none. */
export function readLine(cells: Cells, rules: BillRules): LinePart | string {
  const partNumber = cells.get("partNumber") ?? null;
  const name = nameOf(cells) ?? partNumber;
  if (name === null) return "it has neither a part number nor a name";
  const long = [...cells].find(([field, text]) => isTooLong(field, text));
  if (long) return `its ${long[0]} is longer than ${TEXT_MAX} characters`;
  if (name.length > NAME_MAX) return `its name is longer than ${NAME_MAX} characters`;
  if (![...cells.values()].every(isStorable)) return "it has a character that no text may have";
  const quantity = quantityOf(cells, rules);
  if (typeof quantity === "string") return quantity;
  const details = detailsOf(cells, quantity, rules);
  if (typeof details === "string") return details;
  const isFitted = NO.test(cells.get("notFitted") ?? "");
  return {
    code: partNumber ?? name.slice(0, TEXT_MAX).toWellFormed(),
    name,
    partNumber,
    quantity: isFitted ? quantity : { ...quantity, value: "0" },
    details,
  };
}

const isTooLong = (field: BillField, text: string): boolean =>
  !["name", "value", "footprint", "designators", "alternates"].includes(field) && text.length > TEXT_MAX;

/** A part of a board is known by its value and its package, whatever else is said of it. */
function nameOf(cells: Cells): string | null {
  const words = [cells.get("value"), cells.get("footprint"), cells.get("name")];
  return words.filter((word) => word !== undefined).join(", ") || null;
}

function quantityOf(cells: Cells, rules: BillRules): Quantity | string {
  const given = cells.get("quantity");
  const places = cells.get("designators");
  if (given === undefined) {
    if (places === undefined) return "it has no quantity";
    return { value: String(designatorsIn(places).length), unit: PIECE };
  }
  const [, amount = given, behind] = WITH_UNIT.exec(given) ?? [];
  const written = cells.get("unit") ?? behind ?? PIECE;
  const unit = unitOf(written, rules.units);
  if (unit === undefined)
    return `its unit ${quoted(written)} is not known; --unit ${quoted(written)}=CODE says it`;
  const value = decimalOf(plainNumber(amount, rules));
  if (value === undefined)
    return `its quantity ${quoted(given)} is not ${DECIMAL_ALLOWED}${hint(amount, rules)}`;
  return { value, unit };
}

/** Thousands are set apart only where the mark of the fraction is there too: `1,000` alone may be one or a thousand. */
function plainNumber(text: string, { hasDecimalComma }: BillRules): string | undefined {
  const [group, point] = hasDecimalComma ? [".", ","] : [",", "."];
  const isGrouped = /^-?\d{1,3}([.,]\d{3})+[.,]\d+$/.test(text) && text.indexOf(group) < text.indexOf(point);
  const joined = isGrouped ? text.replaceAll(group, "") : text;
  return joined.includes(group) ? undefined : joined.replace(point, ".");
}

const hint = (text: string, { hasDecimalComma }: BillRules) =>
  text.includes(",") && !hasDecimalComma ? "; --decimal-comma reads 0,25 as a quarter" : "";

function detailsOf(cells: Cells, quantity: Quantity, rules: BillRules): LinePart["details"] | string {
  const designators = designatorsIn(cells.get("designators") ?? "", quantity.value);
  const isCounted = quantity.unit === PIECE && cells.has("quantity");
  const [effectiveFrom, effectiveTo] = [cells.get("effectiveFrom") ?? null, cells.get("effectiveTo") ?? null];
  const wrong =
    placesProblem(designators, isCounted ? quantity.value : undefined) ??
    daysProblem(effectiveFrom, effectiveTo);
  if (wrong !== undefined) return wrong;
  const price = priceOf(cells, rules);
  if (typeof price === "string") return price;
  const alternates = (cells.get("alternates") ?? "")
    .split(/[,;]/)
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((partNumber) => ({ kind: "ALTERNATE" as const, partNumber, revision: null, name: null }));
  const revision = cells.get("revision") ?? null;
  const { names } = NO_DETAILS;
  return { revision, effectiveFrom, effectiveTo, alternates, designators, names, price };
}

function placesProblem(places: readonly string[], counted: string | undefined): string | undefined {
  if (places.length > DESIGNATORS_MAX) return `it has more than ${DESIGNATORS_MAX} places`;
  if (places.some((place) => place.length > TEXT_MAX))
    return `one of its places is longer than ${TEXT_MAX} characters`;
  const isOff = places.length > 0 && counted !== undefined && String(places.length) !== counted;
  return isOff ? `it has ${places.length} places and a quantity of ${counted}` : undefined;
}

function daysProblem(from: string | null, to: string | null): string | undefined {
  const wrong = [from, to].find((day) => day !== null && !isDay(day));
  if (wrong) return `its day ${quoted(wrong)} is not ${DAY_ALLOWED}`;
  return from !== null && to !== null && to < from ? "it ends before it begins" : undefined;
}

/** Only with a currency, and only what is one number: the sign of a currency is not always that of the same country. */
function priceOf(cells: Cells, rules: BillRules): PartDetails["price"] | string {
  const given = cells.get("price");
  const currency = cells.get("currency") ?? rules.currency;
  if (given === undefined || currency === undefined) return null;
  if (!/^[A-Z]{3}$/.test(currency)) return `its currency ${quoted(currency)} is not a code like EUR`;
  const amount = signedDecimalOf(plainNumber(given.replaceAll(/\p{Sc}|\s/gu, ""), rules));
  if (amount === undefined) return `its price ${quoted(given)} is not ${SIGNED_ALLOWED}${hint(given, rules)}`;
  return { amount, currency };
}

const quoted = (text: string) => JSON.stringify(text.slice(0, 60));
