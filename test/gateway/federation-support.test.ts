import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { FEDERATION_SUPPORT } from "../../gateway/supergraph/federation-support.ts";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { startGateway } from "./support/start-gateway.ts";
import { composed as composedByName } from "../support/composed.ts";

const link = (imports: readonly string[], version = "2.12") =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v${version}", import: ${JSON.stringify(imports)})`;

const composed = (...subgraphs: string[]): string =>
  composedByName(Object.fromEntries(subgraphs.map((sdl, index) => [`s${index}`, sdl])));

const ROOT = 'type Query { t: T } type T @key(fields: "id") { id: ID! a: String }';

/** A supergraph for every directive: what federation composes of it, or what other composers would. */
const SAMPLES: Record<string, () => string> = {
  "@link": () => composed(`${link(["@key"])} ${ROOT}`),
  "@key": () => composed(`${link(["@key"])} ${ROOT}`),
  "@extends": () =>
    composed(`${link(["@key", "@extends"])} ${ROOT} type U @extends @key(fields: "id") { id: ID! }`),
  "@external": () => requiring(),
  "@requires": () => requiring(),
  "@provides": () =>
    composed(
      `${link(["@key", "@shareable"])} type Query { t: T } type T @key(fields: "id") { id: ID! a: String @shareable }`,
      `${link(["@key", "@provides", "@external"])} type Query { u: T @provides(fields: "a") } type T @key(fields: "id") { id: ID! a: String @external }`,
    ),
  "@shareable": () => composed(`${link(["@key", "@shareable"])} type Query { t: String @shareable }`),
  "@inaccessible": () =>
    composed(`${link(["@inaccessible"])} type Query { t: String b: String @inaccessible }`),
  "@override": () =>
    composed(
      `${link(["@override"])} type Query { t: String @override(from: "s1", label: "percent(10)") }`,
      `${link([])} type Query { t: String b: String }`,
    ),
  "@interfaceObject": () =>
    composed(
      `${link(["@key"])} type Query { n: Node } interface Node @key(fields: "id") { id: ID! } type T implements Node @key(fields: "id") { id: ID! }`,
      `${link(["@key", "@interfaceObject"])} type Node @interfaceObject @key(fields: "id") { id: ID! b: Int }`,
    ),
  "@tag": () => composed(`${link(["@tag"])} type Query { t: String @tag(name: "x") }`),
  "@composeDirective": () =>
    composed(
      `${link(["@composeDirective"])} extend schema @link(url: "https://example.com/mine/v1.0", import: ["@mine"]) @composeDirective(name: "@mine")
       directive @mine on FIELD_DEFINITION type Query { t: String @mine }`,
    ),
  "@eventStream": () =>
    composed(
      `${link(["@composeDirective"])} extend schema @link(url: "https://lifecycle-gateway.dev/eventStream/v0.1", import: ["@eventStream"]) @composeDirective(name: "@eventStream")
       directive @eventStream(message: String!, topics: [String!], orSubgraph: Boolean) on FIELD_DEFINITION
       type Query { t: String } type Subscription { s: T @eventStream(message: "a", topics: ["t"], orSubgraph: true) } type T { a: Int }`,
    ),
  "@authenticated": () => composed(`${link(["@authenticated"])} type Query { t: String @authenticated }`),
  "@requiresScopes": () =>
    composed(`${link(["@requiresScopes"])} type Query { t: String @requiresScopes(scopes: [["x"]]) }`),
  "@policy": () => composed(`${link(["@policy"])} type Query { t: String @policy(policies: [["x"]]) }`),
  "@context": () => withContext(),
  "@fromContext": () => withContext(),
  "@cost": () => composed(`${link(["@cost"])} type Query { t: String @cost(weight: 5) }`),
  "@listSize": () => composed(`${link(["@listSize"])} type Query { t: [String] @listSize(assumedSize: 5) }`),
  "@connect": () => withConnectors(),
  "@source": () => withConnectors(),
  "@cacheTag": () =>
    composed(
      `${link(["@cacheTag", "@key"])} type Query { t: T @cacheTag(format: "all") } type T @key(fields: "id") { id: ID! }`,
    ),
  "@oneOf": () =>
    composed(`${link([])} input I { a: String b: Int } type Query { t(i: I!): String }`)
      .replace("input I\n", "input I @oneOf\n")
      .replace("directive @link", "directive @oneOf on INPUT_OBJECT\n\ndirective @link"),
  "scalar Upload": () => composed(`${link([])} scalar Upload type Query { t(file: [Upload!]): String }`),
};

const requiring = () =>
  composed(
    `${link(["@key"])} type Query { t: T } type T @key(fields: "id") { id: ID! a: String }`,
    `${link(["@key", "@external", "@requires"])} type T @key(fields: "id") { id: ID! a: String @external b: String @requires(fields: "a") }`,
  );

const withContext = () =>
  composed(
    `${link(["@context", "@fromContext", "@key"])} type Query { a: A } type A @context(name: "c") @key(fields: "id") { id: ID! p: String b: B }
     type B @key(fields: "id") { id: ID! f(x: String @fromContext(field: "$c { p }")): String }`,
  );

const withConnectors = () =>
  composed(
    `${link([])} extend schema @link(url: "https://specs.apollo.dev/connect/v0.2", import: ["@connect", "@source"]) @source(name: "r", http: { baseURL: "http://127.0.0.1" })
     type Query { t: String @connect(source: "r", http: { GET: "/t" }, selection: "$") }`,
  );

/** Where what is not supported is found in these samples. */
const COORDINATES: Record<string, string> = {
  "@composeDirective": "Query.t",
  "@policy": "Query.t",
  "@connect": "Query.t",
  "@source": "schema",
  "@cacheTag": "Query.t",
  "@oneOf": "I",
  "scalar Upload": "Query.t(file:)",
};

/** What loading comes to, and whether it names something. */
function outcomeOf(sdl: string) {
  try {
    const { passedOver } = loadSupergraph(sdl, new Date());
    const names = (what: string) => passedOver.length === 1 && passedOver.join("").includes(what);
    return { support: passedOver.length > 0 ? "passed over" : "works", names };
  } catch (error) {
    return { support: "refused", names: (what: string) => String(error).includes(what) };
  }
}

const page = readFileSync(join(import.meta.dirname, "../../docs/federation.md"), "utf8");

describe.each(Object.entries(SAMPLES))("%s in a supergraph", (feature, sample) => {
  const support = FEDERATION_SUPPORT[feature]?.support;
  const where = COORDINATES[feature] ?? "nowhere";

  test(`is treated as the documentation says: ${support}`, () => {
    const named = feature.replace("@composeDirective", "@mine");
    const outcome = outcomeOf(sample());
    expect(outcome.support).toBe(support === "composition" ? "works" : support);
    expect(outcome.names(named)).toBe(support !== "works" && support !== "composition");
    expect(outcome.names(where)).toBe(where !== "nowhere");
  });

  test("has its row in the documentation", () => {
    const name = feature.startsWith("@") ? `\`${feature}\`` : feature;
    expect(page).toContain(`| ${name} | ${support} |`);
  });
});

describe("What operations may not use", () => {
  test.each([
    ["@stream", { query: "{ fleet: __typename @stream }" }],
    ["batches of operations", [{ query: "{ __typename }" }]],
  ])("%s is refused with 400 and words", async (feature, body) => {
    const gateway = await startGateway();
    const answer = await gateway.post(body);
    await gateway.close();
    expect(FEDERATION_SUPPORT[feature]?.support).toBe("refused");
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.[0]?.extensions).toMatchObject({ code: expect.any(String) });
  });

  test("covers every row: nothing is documented that no sample tries", () => {
    const tried = [...Object.keys(SAMPLES), "@stream", "batches of operations", "@defer"];
    expect(Object.keys(FEDERATION_SUPPORT).toSorted()).toEqual(tried.toSorted());
  });
});
