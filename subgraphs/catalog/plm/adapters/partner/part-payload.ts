import {
  NO_DETAILS,
  type Alternate,
  type Part,
  type PartDetails,
} from "../../../products/domain/configuration.ts";
import { SIGNED_ALLOWED, signedDecimalOf } from "../../../products/domain/quantity.ts";
import type { Steps } from "../../../../../lib/in-steps.ts";
import { CONTRACT_FIELDS } from "./contract-fields.ts";
import { NAME_MAX, type Reader } from "./reader.ts";

const DETAILS = [
  "revision",
  "effectiveFrom",
  "effectiveTo",
  "alternates",
  "designators",
  "names",
  "price",
  "parts",
];
/** Below sections and components. */
export const OPTION_LEVEL = 3;
const DEEPEST_LEVEL = 500;
const DESIGNATORS_MAX = 20_000;

type Fields = Readonly<Record<string, unknown>>;

/** A part, and the parts that it is made of. */
export function* readPart(reader: Reader, fields: Fields, level: number): Steps<Part> {
  const partNumber = reader.optionalText(fields, "partNumber");
  // Parts below an option are known by their number alone where they have no position of their own.
  const code =
    level > OPTION_LEVEL && fields["code"] === undefined
      ? (partNumber ?? reader.text(fields, "code"))
      : reader.text(fields, "code");
  return {
    code,
    name:
      fields["name"] === undefined && level > OPTION_LEVEL
        ? code
        : reader.text(fields, "name", NAME_MAX).trim(),
    partNumber,
    quantity: reader.quantity(fields),
    details: DETAILS.some((name) => fields[name] !== undefined && fields[name] !== null)
      ? yield* readDetails(reader, fields, level)
      : NO_DETAILS,
  };
}

function* readDetails(reader: Reader, fields: Fields, level: number): Steps<PartDetails> {
  const effectiveFrom = reader.day(fields, "effectiveFrom");
  const effectiveTo = reader.day(fields, "effectiveTo");
  if (effectiveFrom !== null && effectiveTo !== null && effectiveTo < effectiveFrom)
    throw reader.wrong("a day that is not before effectiveFrom", "effectiveTo");
  return {
    revision: reader.optionalText(fields, "revision"),
    effectiveFrom,
    effectiveTo,
    alternates: alternatesOf(reader, fields),
    designators: designatorsOf(reader, fields),
    names: namesOf(reader, fields),
    price: priceOf(reader, fields),
    parts:
      fields["parts"] === undefined || fields["parts"] === null
        ? NO_DETAILS.parts
        : yield* readParts(reader, reader.list(fields, "parts"), level + 1),
  };
}

function* readParts(reader: Reader, items: readonly unknown[], level: number): Steps<Part[]> {
  if (level > DEEPEST_LEVEL) throw reader.wrong(`at most ${DEEPEST_LEVEL} levels`, "parts");
  const parts: Ordered<Part>[] = [];
  reader.enter("parts");
  for (const [index, item] of items.entries()) {
    reader.enter(index);
    const fields = reader.object(item, CONTRACT_FIELDS.Part);
    parts.push({ item: yield* readPart(reader, fields, level), order: reader.order(fields) });
    reader.leave();
    yield;
  }
  reader.leave();
  return inOrder(parts);
}

function alternatesOf(reader: Reader, fields: Fields): readonly Alternate[] {
  const items = reader.list(fields, "alternates", NO_DETAILS.alternates);
  return reader.at("alternates", () =>
    items.map((item, index) =>
      reader.at(index, () => {
        const alternate = reader.object(item, CONTRACT_FIELDS.Alternate);
        return {
          kind: reader.choice({ kind: alternate["kind"] ?? "ALTERNATE" }, "kind", [
            "ALTERNATE",
            "SUBSTITUTE",
          ]),
          partNumber: reader.text(alternate, "partNumber"),
          revision: reader.optionalText(alternate, "revision"),
          name: reader.optionalText(alternate, "name", NAME_MAX),
        };
      }),
    ),
  );
}

function designatorsOf(reader: Reader, fields: Fields): readonly string[] {
  const items = reader.list(fields, "designators", NO_DETAILS.designators);
  if (items.length > DESIGNATORS_MAX) throw reader.wrong(`at most ${DESIGNATORS_MAX}`, "designators");
  return reader.at("designators", () => items.map((_item, index) => reader.text(items, index)));
}

function namesOf(reader: Reader, fields: Fields): Readonly<Record<string, string>> {
  const given = fields["names"];
  if (given === undefined || given === null) return NO_DETAILS.names;
  return reader.at("names", () => {
    const names = reader.object(given, new Set(Object.keys(given)));
    return Object.fromEntries(
      Object.keys(names).map((tag) => {
        if (!/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag))
          throw reader.wrong("language tags like de or pt-BR");
        return [tag, reader.text(names, tag, NAME_MAX)];
      }),
    );
  });
}

function priceOf(reader: Reader, fields: Fields): PartDetails["price"] {
  const given = fields["price"];
  if (given === undefined || given === null) return null;
  return reader.at("price", () => {
    const price = reader.object(given, CONTRACT_FIELDS.Price);
    const amount = signedDecimalOf(price["amount"]);
    if (amount === undefined) throw reader.wrong(SIGNED_ALLOWED, "amount");
    const currency = price["currency"];
    if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency))
      throw reader.wrong("an ISO 4217 code like EUR", "currency");
    return { amount, currency };
  });
}

/** An item with its place in the order that the PLM wants. */
export interface Ordered<T> {
  item: T;
  order: number;
}

/** The items in their order; those of the same place stay as they came. */
export const inOrder = <T>(items: Ordered<T>[]): T[] =>
  items.sort((a, b) => a.order - b.order).map(({ item }) => item);
