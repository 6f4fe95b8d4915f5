import {
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import { chance } from "./random.ts";

/** An invented object: the number decides all its fields, so that every subgraph tells the same of it. */
interface Fake {
  __typename: string;
  n: number;
  [given: string]: unknown;
}

const VARIETY = 5;
/** Share of nulls among what may be null. */
const NULLS = 0.1;

/** Resolvers for every field of a schema. Texts end in `:n`, so that any key leads back to its object. */
export function fakeResolvers(schema: GraphQLSchema): Record<string, Record<string, unknown>> {
  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("_")) continue;
    if (isAbstractType(type)) {
      resolvers[type.name] = { __resolveType: ({ __typename }: Fake) => __typename };
      if (isInterfaceType(type))
        Object.assign(resolvers[type.name] ?? {}, { __resolveReference: reference(schema) });
    }
    if (isObjectType(type))
      resolvers[type.name] = { ...fields(schema, type), __resolveReference: reference(schema) };
  }
  return resolvers;
}

function fields(schema: GraphQLSchema, type: GraphQLObjectType) {
  const names = Object.values(type.getFields()).filter(({ name }) => !name.startsWith("_"));
  return Object.fromEntries(
    names.map(({ name, type: fieldType }) => [
      name,
      (parent: Fake | undefined, args: object) => {
        const given = parent?.[name];
        if (given !== undefined) return given;
        const n = (parent?.n ?? 0) + Object.values(args).length;
        return invent(schema, fieldType, { name, n });
      },
    ]),
  );
}

const reference = (schema: GraphQLSchema) => (representation: Record<string, unknown>) => {
  const n = numberIn(representation);
  // Some entities are unknown to some subgraphs.
  if (n === undefined || n === 4) return null;
  const named = schema.getType(String(representation["__typename"]));
  const concrete =
    named && isAbstractType(named) ? pick(schema.getPossibleTypes(named), n).name : named?.name;
  return { ...representation, __typename: concrete, n };
};

/** The number of an object, by the texts of its own before those of what it holds: the order of its fields says nothing. */
function numberIn(value: object): number | undefined {
  const fields = Object.entries(value)
    .filter(([key]) => key !== "__typename")
    .toSorted(([one], [other]) => one.localeCompare(other));
  const own = fields.map(([, each]) => (typeof each === "string" ? /:(\d+)$/.exec(each)?.[1] : undefined));
  const found = own.find((digits) => digits !== undefined);
  if (found !== undefined) return Number(found);
  const inside = fields.map(([, each]: [string, unknown]) =>
    typeof each === "object" && each !== null ? numberIn(each) : undefined,
  );
  return inside.find((n) => n !== undefined);
}

function invent(schema: GraphQLSchema, type: GraphQLOutputType, at: { name: string; n: number }): unknown {
  const luck = chance(`${at.name}?${at.n}`);
  if (isNonNullType(type)) return present(schema, type.ofType, at);
  return luck < NULLS ? null : present(schema, type, at);
}

function present(schema: GraphQLSchema, type: GraphQLOutputType, at: { name: string; n: number }): unknown {
  const { name, n } = at;
  const luck = chance(`${name}/${n}/${type.toString()}`);
  if (isListType(type)) {
    return Array.from({ length: Math.floor(luck * 4) }, (_, index) =>
      invent(schema, type.ofType, { name, n: (n + index) % VARIETY }),
    );
  }
  if (isObjectType(type)) return { __typename: type.name, n: (n + 1) % VARIETY };
  if (isAbstractType(type))
    return { __typename: pick(schema.getPossibleTypes(type), n).name, n: (n + 1) % VARIETY };
  if (isEnumType(type)) return pick(type.getValues(), n).value;
  return leaf(type.toString(), at);
}

function leaf(type: string, { name, n }: { name: string; n: number }): unknown {
  switch (type) {
    case "Int":
      return n * 7 - 3;
    case "Float":
      return n / 4;
    case "Boolean":
      return n % 2 === 0;
    case "JSON":
      return n % 3 === 0 ? { deep: [n, { text: 'with "quotes"' }], none: null } : `json:${n}`;
    case "String":
      return n === 3 ? `é\n"${name}":${n}` : `${name}:${n}`;
    default:
      return `${name}:${n}`;
  }
}

function pick<T>(values: readonly T[], n: number): T {
  const value = values[Math.abs(n) % values.length];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}
