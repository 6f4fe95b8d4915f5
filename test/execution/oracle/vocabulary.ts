import type { FieldModel } from "./model.ts";
import type { Random } from "./random.ts";

/** Fields that tell an object apart from all others. */
export interface Key {
  fields: string;
  parts: readonly FieldModel[];
}

export const ENTITIES = ["Film", "Crew", "Shop", "Boat"] as const;
export const KEYS: readonly Key[] = [
  { fields: "id", parts: [{ name: "id", type: "ID!" }] },
  { fields: "uid", parts: [{ name: "uid", type: "Int!" }] },
  { fields: "big", parts: [{ name: "big", type: "Long!" }] },
  { fields: "code", parts: [{ name: "code", type: "String!" }] },
  { fields: "org { id }", parts: [{ name: "org", type: "Org!" }] },
  {
    fields: "code region",
    parts: [
      { name: "code", type: "String!" },
      { name: "region", type: "ID!" },
    ],
  },
  {
    fields: "uid org { id }",
    parts: [
      { name: "uid", type: "Int!" },
      { name: "org", type: "Org!" },
    ],
  },
];
export const TYPES: readonly string[] = [
  "String",
  "String",
  "String!",
  "Int",
  "Int!",
  "Float",
  "Boolean!",
  "ID",
  "ID!",
  "Mood",
  "Mood!",
  "Long",
  "JSON",
  "[String!]",
  "[String]",
  "[Int!]!",
  "[[String]]",
  "Dims",
  "Dims!",
  "[Dims!]",
  "[Dims]",
];
export const NAMES = ["name", "title", "size", "rank", "mood", "tags", "meta", "worth", "note", "w"];
export const ARGS: readonly string[] = [
  "x: Int",
  "x: Int = 7",
  "text: String, flag: Boolean! = true",
  "ids: [ID!]",
  "must: ID!",
  "in: Filter",
  "in: Filter = {least: 4}",
  "mood: Mood = WILD",
  "any: JSON",
  "deep: [[Int]]",
];
export const SHAPES = ["", "!", "[]", "[!]", "[!]!", "[]!"] as const;

/** A type in a list, not null, or both. */
export const shaped = (type: string, shape: string): string => {
  if (!shape.startsWith("[")) return type + shape;
  return `[${type}${shape.includes("!]") ? "!" : ""}]${shape.endsWith("!") ? "!" : ""}`;
};

/** A key that clients do not see. */
export const hidden = ({ fields, parts }: Key): Key => ({
  fields,
  parts: parts.map((part) => ({ ...part, isInaccessible: true })),
});

/** What an interface says of a field of which its implementations may say more. */
export const weakest = (type: string): string =>
  type.startsWith("[") ? `[${type.replace(/[[\]!]/g, "")}]` : type.replace("!", "");

/** Arguments for a required field: all that have to be there, and some that differ from their defaults. */
export function neededArguments(args: string, random: Random): string {
  if (args.startsWith("must")) return '(must: "m1")';
  if (args.startsWith("x: Int") && random.chance(0.7)) return "(x: 3)";
  if (args.startsWith("text")) return '(text: "t", flag: false)';
  return "";
}
