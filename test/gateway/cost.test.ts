import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  getIntrospectionQuery,
  getNamedType,
  getOperationAST,
  isCompositeType,
  isObjectType,
  parse,
  validate,
  type GraphQLField,
  type GraphQLObjectType,
} from "graphql";
import { describe, expect, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { customaryListSize, isList } from "../../gateway/limits/cost/list-size.ts";
import { operationCost } from "../../gateway/limits/cost/operation-cost.ts";
import { valueOf } from "../../gateway/limits/cost/term.ts";
import { costDirectives } from "../../gateway/limits/cost/weights.ts";
import { loadSupergraph, type LoadedSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { composed } from "../support/composed.ts";

const TYPES = `
  type Query {
    port: Port
    boats: [Boat!]!
    fleet(first: Int = 7, limit: Int): [Boat!]!
    harbour(first: Int): BoatConnection!
    anything: [Thing!]!
    grid: [[Boat!]!]!
    search(filter: Filter, all: [Filter!]): String
  }
  type Mutation { launch(input: Filter!): Boat! }
  type Subscription { moved: Boat! }
  interface Named { name: String }
  union Thing = Boat | Port
  type Boat implements Named { name: String mate: Boat }
  type Port implements Named { name: String }
  type BoatConnection { edges: [BoatEdge!]! nodes: [Boat!]! total: Int }
  type BoatEdge { node: Boat! }
  input Filter { name: String and: [Filter!] }
`;
const PRICED = TYPES.replace("port: Port", "port: Port @cost(weight: 5)")
  .replace("boats: [Boat!]!", "boats: [Boat!]! @listSize(assumedSize: 50)")
  .replace(
    "harbour(first: Int): BoatConnection!",
    `harbour(first: Int): BoatConnection! @listSize(assumedSize: 20, slicingArguments: ["first"], sizedFields: ["edges"], requireOneSlicingArgument: false)`,
  )
  .replace("search(filter: Filter,", "search(filter: Filter @cost(weight: 3),")
  .replace("and: [Filter!]", "and: [Filter!] @cost(weight: 2)")
  .replace("type Port implements Named {", "type Port implements Named @cost(weight: 4) {");

function compose(types: string, importing: string): LoadedSupergraph {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${importing}])`;
  return loadSupergraph(composed({ fleet: link + types }), new Date(0));
}

function costIn(supergraph: LoadedSupergraph, text: string, variables: Record<string, unknown> = {}): number {
  const document = parse(text);
  expect(validate(supergraph.apiSchema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (!operation) throw new Error("no operation");
  const model = {
    ...costDirectives(supergraph.document),
    schema: supergraph.apiSchema,
    defaultListSize: 10,
  };
  return valueOf(operationCost(document, operation, model), variables);
}

describe("the cost of an operation", () => {
  const plain = compose(TYPES, `"@key"`);
  test.each([
    ["an object costs 1, its leaves nothing", "{ port { name } }", {}, 1],
    ["a list costs its default size", "{ boats { name mate { name } } }", {}, 20],
    ["a list of lists multiplies", "{ grid { name } }", {}, 10],
    ["a slicing argument decides, without a directive", "{ fleet(first: 3) { name } }", {}, 3],
    ["the default of the schema holds when none is given", "{ fleet { name } }", {}, 7],
    ["the larger of two slicing arguments counts", "{ fleet(first: 3, limit: 9) { name } }", {}, 9],
    ["a variable decides when it is known", "query ($n: Int) { fleet(first: $n) { name } }", { n: 40 }, 40],
    ["a variable's default holds without it", "query ($n: Int = 4) { fleet(first: $n) { name } }", {}, 4],
    ["a connection hands its size to its lists", "{ harbour(first: 5) { edges { node { name } } } }", {}, 11],
    ["a connection without a size has the default one", "{ harbour { nodes { name } total } }", {}, 11],
    [
      "a fragment counts where it is spread",
      "{ ...q } fragment q on Query { fleet(first: 2) { mate { name } } }",
      {},
      4,
    ],
    ["aliases count each", "{ a: port { name } b: port { name } }", {}, 2],
    [
      "a mutation costs 10 more, an input object 1",
      `mutation { launch(input: {name: "x"}) { name } }`,
      {},
      12,
    ],
    [
      "every input object of a list counts",
      "query ($f: [Filter!]) { search(all: $f) }",
      { f: [{}, { and: [{}, {}] }] },
      4,
    ],
    ["introspection is free", "{ __schema { types { fields { name } } } __typename }", {}, 0],
  ])("%s", (_what, text, variables, cost) => {
    expect(costIn(plain, text, variables)).toBe(cost);
  });

  describe.each([
    ["imported", PRICED, `"@cost", "@listSize"`],
    [
      "imported by another name",
      PRICED.replaceAll("@cost", "@price").replaceAll("@listSize", "@length"),
      `{name: "@cost", as: "@price"}, {name: "@listSize", as: "@length"}`,
    ],
    [
      "not imported",
      PRICED.replaceAll("@cost", "@federation__cost").replaceAll("@listSize", "@federation__listSize"),
      `"@key"`,
    ],
  ])("with the directives %s", (_how, types, importing) => {
    const priced = compose(types, importing);
    test.each([
      ["the weight of a field", "{ port { name } }", {}, 5],
      ["the assumed size of a list", "{ boats { name } }", {}, 50],
      ["the assumed size of a connection", "{ harbour { edges { node { name } } } }", {}, 41],
      ["sizes hold for the sized fields alone", "{ harbour(first: 2) { nodes { name } } }", {}, 11],
      ["an abstract type costs as much as its dearest", "{ anything { __typename } }", {}, 40],
      ["the weight of an argument and of an input field", "{ search(filter: {and: [{}]}) }", {}, 7],
    ])("%s", (_what, text, variables, cost) => {
      expect(costIn(priced, text, variables)).toBe(cost);
    });
  });

  test("survives input that is nested more deeply than the stack", () => {
    let filter: Record<string, unknown> = {};
    for (let i = 0; i < 100_000; i++) filter = { and: [filter] };
    expect(costIn(plain, "query ($f: Filter) { search(filter: $f) }", { f: filter })).toBe(100_001);
  });
});

describe("the cost limit", () => {
  const { max } = readGatewayConfig({ AUTH_MODE: "off" }).limits.cost;
  const root = resolve(import.meta.dirname, "../../schema");
  const ours = loadSupergraph(readFileSync(resolve(root, "supergraph.graphql"), "utf8"), new Date(0));

  test("lets every operation of our own clients pass, with the longest pages there are", () => {
    const folder = resolve(root, "operations");
    const costs = readdirSync(folder).map((file) =>
      costIn(ours, readFileSync(resolve(folder, file), "utf8"), { first: 100 }),
    );
    expect(Math.max(...costs)).toBeLessThan(max / 4);
  });

  test("knows how long every list of ours may be: by a directive, an argument or the connection that it is in", () => {
    const { listSizes } = costDirectives(ours.document);
    const sizeOf = (type: GraphQLObjectType, field: GraphQLField<unknown, unknown>) =>
      listSizes.get(`${type.name}.${field.name}`) ?? customaryListSize(field);
    const types = Object.values(ours.apiSchema.getTypeMap())
      .filter((type) => isObjectType(type))
      .filter(({ name }) => !name.startsWith("__"));
    const fieldsOf = (type: GraphQLObjectType) => Object.values(type.getFields());
    const sized = new Set(
      types.flatMap((type) =>
        fieldsOf(type).flatMap((field) =>
          (sizeOf(type, field)?.sizedFields ?? []).map((list) => `${getNamedType(field.type).name}.${list}`),
        ),
      ),
    );
    const unknown = types.flatMap((type) =>
      fieldsOf(type)
        .filter((field) => isList(field) && isCompositeType(getNamedType(field.type)))
        .filter((field) => !sizeOf(type, field) && !sized.has(`${type.name}.${field.name}`))
        .map((field) => `${type.name}.${field.name}`),
    );
    expect(unknown).toEqual([]);
  });

  test.each([
    ["what every run of the tenant has to be read for", "{ portfolio { __typename } }", 50],
    ["what measures everything again", `mutation { runKpiValidators(runId: "1") { __typename } }`, 210],
    ["a list by what it assumes", `{ model(id: "m") { features { requires { code } } } }`, 1 + 60 * (1 + 3)],
  ])("weighs %s", (_what, text, cost) => {
    expect(costIn(ours, text)).toBe(cost);
  });

  test("refuses lists in lists in lists", () => {
    const nested = `{ projects(first: 100) { edges { node { runs(first: 100) { edges { node { receipts(first: 100) { edges { node { id } } } } } } } } } }`;
    expect(costIn(ours, nested)).toBeGreaterThan(1_000_000);
  });

  test("lets the introspection of tools pass", () => {
    expect(costIn(ours, getIntrospectionQuery())).toBeLessThan(max);
  });
});
