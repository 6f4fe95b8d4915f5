import {
  buildSchema,
  execute,
  GraphQLError,
  isObjectType,
  parse,
  validate,
  type ExecutionResult,
} from "graphql";
import { describe, expect, test } from "vitest";
import { compiledExecutor } from "../../lib/compiled-executor.ts";
import { CodedError } from "../../lib/errors.ts";
import { createGraphQLEndpoint, type Caller } from "../../lib/graphql-endpoint.ts";
import { createLog } from "../../lib/log.ts";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { abstractGraphs } from "../execution/graphs/abstract.ts";
import { shopGraphs } from "../execution/graphs/shop.ts";
import { generateOperation } from "../execution/support/operations.ts";

const schemas = [...shopGraphs, ...abstractGraphs].flatMap(({ name, schemas: all }) =>
  [...all].map(([subgraph, schema]) => ({ name: `${name}: ${subgraph}`, schema })),
);

const plain = (result: ExecutionResult) => {
  const { errors, data } = JSON.parse(JSON.stringify(result)) as {
    errors?: { message: string; path: unknown }[];
    data: unknown;
  };
  return { data, errors: errors?.map(({ message, path }) => ({ message, path })) };
};

describe.each(schemas)("compiled queries of $name", ({ schema }) => {
  test("answer like graphql-js", async () => {
    for (let seed = 1; seed <= 2; seed++) {
      const { query, variables } = generateOperation(schema, seed);
      const document = parse(query);
      if (validate(schema, document).length > 0) continue;
      const args = { schema, document, variableValues: variables };
      const compiled = await compiledExecutor(schema, document, "")(args);
      const usual = await execute(args);
      // Variables that do not fit are told apart by message only where both got as far as executing.
      const [ours, theirs] =
        usual.data === undefined ? [compiled.data ?? null, null] : [plain(compiled), plain(usual)];
      expect({ query, answer: ours }).toEqual({ query, answer: theirs });
    }
  });
});

describe("an endpoint that has compiled a query", () => {
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse("type Query { coded: String broken: String bad: String fine(n: Int!): Int }"),
      resolvers: {
        Query: {
          coded: () => {
            throw new CodedError("CONFLICT", "The boat is at sea", { retryable: true });
          },
          broken: () => {
            throw new Error("password is hunter2");
          },
          bad: () => {
            throw new GraphQLError("asked wrongly");
          },
          fine: (_: unknown, { n }: { n: number }) => n,
        },
      },
    },
  ]);
  const caller: Caller = {
    identity: { subject: "ada", scopes: [], role: "admin", departments: [], tenant: "default" },
    correlationId: "c-1",
  };
  const log = createLog({ name: "test", level: "silent" });
  const ask = async (query: string, variables = {}) => {
    const endpoint = createGraphQLEndpoint({ schema, log, createContext: () => ({}) });
    const answers = [];
    for (let time = 0; time < 3; time++)
      answers.push(JSON.parse(JSON.stringify(await endpoint.execute({ query, variables, caller }))));
    return answers as ExecutionResult[];
  };

  test.each(["{ coded }", "{ broken }", "{ bad }", "{ a: coded b: broken c: bad }"])(
    "masks errors as before: %s",
    async (query) => {
      const [first, second, third] = await ask(query);
      const without = (result: ExecutionResult | undefined) =>
        result?.errors?.map(({ message, path, extensions }) => ({ message, path, extensions }));
      expect(without(second)).toEqual(without(first));
      expect(without(third)).toEqual(without(first));
      expect(JSON.stringify(third)).not.toContain("hunter2");
    },
  );

  test("refuses variables that do not fit", async () => {
    const [first, , third] = await ask("query ($n: Int!) { fine(n: $n) }", { n: "x" });
    expect(third?.errors?.[0]?.extensions?.["code"]).toBe(first?.errors?.[0]?.extensions?.["code"]);
    expect(third?.errors).toHaveLength(1);
  });
});

describe("a null that has several reasons", () => {
  const schema = buildSchema(`
    type Query { boats: [Boat!] docks: [[Boat!]] berths: [Boat] flag: Boat }
    type Boat { name: String! flag: String! note: String sister: Boat! fleet: [Boat!]! }
  `);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    for (const field of Object.values(type.getFields()))
      field.resolve = (boat: Record<string, () => unknown>) => boat[field.name]?.();
  }
  const fails = () => {
    throw new Error("sunk");
  };
  const boat = (faults: object = {}): object => ({
    name: () => "Ada",
    flag: () => "NL",
    note: () => "",
    ...faults,
  });
  const wreck = { name: fails, flag: fails, note: fails };
  const rootValue = {
    boats: () => [boat(), boat({ note: fails, name: fails }), boat(wreck), boat(wreck)],
    docks: () => [[boat(wreck), boat(wreck)], [boat()]],
    berths: () => [boat(wreck), boat(), boat(wreck)],
    flag: () => boat({ sister: () => boat(wreck), fleet: () => [boat(wreck), boat(wreck)] }),
  };

  test.each([
    ["{ boats { note name flag } }", ["boats.2.flag"]],
    ["{ boats { flag } }", ["boats.2.flag"]],
    ["{ docks { name flag } }", ["docks.0.0.flag"]],
    ["{ berths { name flag } }", ["berths.0.flag", "berths.2.flag"]],
    ["{ berths { note } }", ["berths.0.note", "berths.2.note"]],
    ["{ flag { sister { name } fleet { name } } }", ["flag.fleet.0.name"]],
  ])("gets one error: %s", async (query, paths) => {
    const document = parse(query);
    const result = await compiledExecutor(schema, document, "")({ schema, document, rootValue });
    expect(result.errors?.map(({ path }) => path?.join("."))).toEqual(paths);
    expect(result.data).toEqual((await execute({ schema, document, rootValue })).data);
  });
});

describe("a query that takes an input which contains itself", () => {
  const schema = buildSchema(
    "input Tree { name: String children: [Tree!] } type Query { echo(tree: Tree): String }",
  );
  const document = parse("query ($tree: Tree) { echo(tree: $tree) }");

  test("is answered, where compiling it would never end", async () => {
    const run = compiledExecutor(schema, document, "");
    const rootValue = {
      echo: ({ tree }: { tree: { children: { name: string }[] } }) => tree.children[0]?.name,
    };
    const variableValues = { tree: { children: [{ name: "leaf" }] } };
    expect(await run({ schema, document, rootValue, variableValues })).toEqual({ data: { echo: "leaf" } });
  });
});

describe("a field that is selected twice under different conditions", () => {
  const schema = buildSchema("type Query { boat: Boat } type Boat { name: String flag: String dock: Boat }");
  const rootValue = { boat: { name: "Ada", flag: "NL", dock: { name: "Quay", flag: "FR" } } };

  test.each([
    "{ boat @include(if: $no) { ... on Boat { flag } } boat { name } }",
    "{ boat { name } ... @include(if: $no) { boat { ... on Boat { flag } } } }",
    "{ boat @skip(if: $yes) { ...Flag } boat @include(if: $yes) { name } }",
    "{ boat { dock @include(if: $no) { ...Flag } } boat { dock { name } } }",
    "{ other: boat { ... on Boat @skip(if: $yes) { ...Flag } } boat { ...Flag } }",
  ])("counts only where its own condition holds: %s", async (selections) => {
    const document = parse(
      `query ($yes: Boolean!, $no: Boolean!) ${selections} fragment Flag on Boat { flag }`,
    );
    const args = { schema, document, rootValue, variableValues: { yes: true, no: false } };
    expect(plain(await compiledExecutor(schema, document, "")(args))).toEqual(plain(await execute(args)));
  });
});

describe("a variable inside a literal", () => {
  const schema = buildSchema(`
    scalar JSON
    input Filter { name: String = "any" tags: [String] }
    type Query { json(value: JSON): String find(filter: Filter, tags: [String]): String }
  `);
  const rootValue = { json: JSON.stringify, find: JSON.stringify };

  test.each([
    "{ json(value: { a: $text }) }",
    "{ json(value: [1, $text, [$text]]) }",
    "{ find(filter: { name: $text }) }",
    "{ find(filter: { name: $absent }) }",
    "{ find(tags: [$text, $absent]) }",
    '{ find(filter: { tags: ["a", $text] }) }',
  ])("counts as graphql-js has it: %s", async (selections) => {
    const declared = ["$text", "$absent"].filter((name) => selections.includes(name));
    const document = parse(`query (${declared.map((name) => `${name}: String`).join(" ")}) ${selections}`);
    const args = { schema, document, rootValue, variableValues: { text: "given" } };
    expect(plain(await compiledExecutor(schema, document, "")(args))).toEqual(plain(await execute(args)));
  });
});
