import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLInputType,
} from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSchema } from "../../subgraphs/catalog/schema.ts";
import { inputPlaces, withValue, type InputPlace } from "../plms/bounds/arguments.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { caller, startCatalog, type CatalogTest } from "./support.ts";

let database: TestDatabase;
let catalog: CatalogTest;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const schema = loadSchema(
  async () => undefined,
  async () => undefined,
);
const places = inputPlaces(schema).filter(({ field }) => /^(Query|Mutation)\.(?!_)/.test(field));
const strange = [
  ["a NUL", "a\u0000b"],
  ["half a character", "a\ud800b"],
  ["nothing but blanks", "   "],
  ["a text of a megabyte", "x".repeat(1_048_576)],
] as const;

/** A value that the type takes, without the fields that may be left out. */
function plainValue(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return plainValue(type.ofType);
  if (isListType(type)) return [plainValue(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
        .map((field) => [field.name, plainValue(field.type)]),
    );
  const plain: Record<string, unknown> = {
    Int: 1,
    Float: 1,
    Boolean: false,
    DateTime: new Date().toISOString(),
  };
  return plain[type.name] ?? "lx24";
}

const isText = ({ type }: InputPlace) => ["String", "ID"].includes(getNamedType(type).name);

async function callWith(place: InputPlace, value: unknown) {
  const [typeName = "", fieldName = ""] = place.field.split(".");
  const field = (typeName === "Query" ? schema.getQueryType() : schema.getMutationType())?.getFields()[
    fieldName
  ];
  if (!field) throw new Error(`there is no ${place.field}`);
  const needed = field.args.filter(
    ({ type, defaultValue, name }) =>
      (isNonNullType(type) && defaultValue === undefined) || name === place.path[0],
  );
  const base = Object.fromEntries(needed.map(({ name, type }) => [name, plainValue(type)]));
  const variables = withValue(
    base,
    place.path,
    isListType(isNonNullType(place.type) ? place.type.ofType : place.type) ? [value] : value,
  );
  const declared = needed.map(({ name, type }) => `$${name}: ${type.toString()}`).join(", ");
  const given = needed.map(({ name }) => `${name}: $${name}`).join(", ");
  const named = getNamedType(field.type);
  const selection =
    "getFields" in named || "getTypes" in named ? "{ __typename ... on UserError { code message } }" : "";
  const safe = "getTypes" in named ? selection : selection && "{ __typename }";
  return catalog.subgraph.endpoint.execute({
    query: `${typeName.toLowerCase()} (${declared}) { result: ${fieldName}(${given}) ${safe} }`,
    variables: variables as Record<string, unknown>,
    caller: caller({ role: "admin", scopes: ["plm.view", "plm.admin", "workorders.write"] }),
  });
}

describe("every text that the catalogue takes", () => {
  test.each(strange)(
    "answers %s without an inner error, whichever argument it is sent as",
    async (_what, value) => {
      catalog = await startCatalog(database, { PLM_POLL_SECONDS: "0" });
      const broken: string[] = [];
      for (const place of places.filter(isText)) {
        const { errors } = await callWith(place, value);
        const codes = (errors ?? []).map(
          ({ extensions, message }) => `${String(extensions["code"])}: ${message}`,
        );
        broken.push(
          ...codes
            .filter((code) => !/^(BAD_USER_INPUT|NOT_FOUND|CONFLICT|FORBIDDEN|PLM_)/.test(code))
            .map((code) => `${place.coordinate} ${code}`),
        );
      }
      expect(broken).toEqual([]);
    },
  );

  test("is refused with NUL by name, as PLMS does", async () => {
    catalog = await startCatalog(database, { PLM_POLL_SECONDS: "0" });
    const { errors } = await catalog.administer(
      "mutation ($reason: String!) { setPlmMode(input: { mode: SHADOW, reason: $reason }) { __typename } }",
      { reason: "a\u0000b" },
    );
    expect(errors).toMatchObject([
      { message: expect.stringContaining("input.reason"), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});
