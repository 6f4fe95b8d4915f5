import { composeServices } from "@apollo/composition";
import { parse, type OperationDefinitionNode } from "graphql";
import { describe, expect, it } from "vitest";
import { createEngine } from "../../gateway/execution/create-engine.ts";
import { loadSupergraph } from "../../gateway/supergraph.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { anonymous } from "../../lib/identity.ts";
import { streamOf } from "../../lib/streams.ts";
import { federated } from "../execution/support/supergraph.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@requires", "@external", "@interfaceObject", "@shareable", "@context", "@fromContext"])\n`;

function load(subgraphs: Record<string, string>) {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      url: `http://${name}.invalid`,
      typeDefs: parse(LINK + sdl),
    })),
  );
  if (errors) throw new Error(errors.map(({ message }) => message).join("\n"));
  return () => loadSupergraph(supergraphSdl, new Date(0));
}

describe("a supergraph that would be answered wrong without a word", () => {
  it("is refused for arguments inside @requires, naming the field", () => {
    const loading = load({
      a: `type Query { p: P } type P @key(fields: "id") { id: ID! price(currency: String!): Float }`,
      b: `type P @key(fields: "id") { id: ID! price(currency: String!): Float @external dear: Boolean @requires(fields: "price(currency: \\"EUR\\")") }`,
    });
    expect(loading).toThrow(/P\.dear has arguments inside @requires.*Require a field without arguments/);
  });

  it("is refused for different arguments of one field inside two @requires", () => {
    const loading = load({
      a: `type Query { p: P } type P @key(fields: "id") { id: ID! price(currency: String!): Float }`,
      b: `type P @key(fields: "id") { id: ID! price(currency: String!): Float @external
        dear: Boolean @requires(fields: "price(currency: \\"EUR\\")") cheap: Boolean @requires(fields: "price(currency: \\"USD\\")") }`,
    });
    expect(loading).toThrow(/P\.dear has arguments inside @requires/);
  });

  it("is refused for arguments below the first field of @requires, which clients may ask with other arguments", () => {
    const loading = load({
      a: `type Query { posts: [Post] } type Post @key(fields: "id") { id: ID! comments(limit: Int!): [Comment] @shareable } type Comment @key(fields: "id") { id: ID! by: ID }`,
      b: `type Post @key(fields: "id") { id: ID! comments(limit: Int!): [Comment] @external first: String @requires(fields: "comments(limit: 3) { by }") } type Comment @key(fields: "id") { id: ID! by: ID @external }`,
    });
    expect(loading).toThrow(
      /Post\.first has arguments inside @requires\(fields: "comments\(limit: 3\) \{ by \}"\)/,
    );
  });

  it("is refused for an @interfaceObject whose key cannot be resolved, naming the type and the subgraph", () => {
    const loading = load({
      a: `type Query { thing: Thing } interface Thing @key(fields: "id") { id: ID! }`,
      b: `type Query { latest: Thing } type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID! note: String }`,
    });
    expect(loading).toThrow(
      /Thing is an @interfaceObject with a key that is not resolvable in the subgraph B.*Make the key resolvable there/,
    );
  });

  it("is refused for an argument from a context, naming the field", () => {
    const loading = load({
      a: `type Query { u: U! } type U @key(fields: "id") @context(name: "user") { id: ID! locale: String! p: P! } type P @key(fields: "id") { id: ID! label(locale: String @fromContext(field: "$user { locale }")): String! }`,
    });
    expect(loading).toThrow(/P\.label takes an argument from @fromContext/);
  });

  it("is loaded without those shapes", () => {
    const loading = load({
      a: `type Query { p: P } type P @key(fields: "id") { id: ID! price: Float }`,
      b: `type P @key(fields: "id") { id: ID! price: Float @external dear: Boolean @requires(fields: "price") }`,
    });
    expect(loading).not.toThrow();
  });
});

describe("a field with @requires in a subgraph with several keys", () => {
  const graph = federated("several keys, some of them dead ends", {
    names: `type A @key(fields: "id") @key(fields: "group { one two }", resolvable: false) { id: ID! group: Group! name: String! }
      type Group @shareable { one: ID! two: ID! three: ID! }`,
    labels: `type Query { all: [A!]! }
      type A @key(fields: "group { one two }", resolvable: false) @key(fields: "id group { two three }") { id: ID! group: Group! name: String! @external label: String! @requires(fields: "name") }
      type Group @shareable { one: ID! two: ID! three: ID! }`,
  });

  const THINGS = { __typename: "A", id: "1", group: { one: "1", two: "2", three: "3" } };

  it("is asked for with a key that the subgraph can resolve, not with the first that there is", async () => {
    const sent: unknown[] = [];
    const answer = (data: (asked: unknown) => Record<string, unknown>): GraphQLEndpoint => ({
      execute: async ({ variables }) => ({ data: data(variables?.["representations"]) }),
      subscribe: () => streamOf(),
    });
    const endpoints = {
      names: answer(() => ({ _entities: [{ name: "Ada" }] })),
      labels: answer((asked) => {
        if (asked) sent.push(asked);
        return asked ? { _entities: [{ label: "Ada!" }] } : { all: [THINGS] };
      }),
    };
    const engine = createEngine({
      supergraph: graph.loaded,
      endpointOf: (name) => endpoints[name as keyof typeof endpoints],
    });
    const document = parse("{ all { label } }");
    const definition = document.definitions[0] as OperationDefinitionNode;
    const caller = { identity: anonymous([]), correlationId: "c" };
    const result = await engine.execute({ document, definition, variables: {} }, caller);
    expect(result).toEqual({ data: { all: [{ label: "Ada!" }] } });
    expect(sent).toEqual([[{ __typename: "A", name: "Ada", id: "1", group: { two: "2", three: "3" } }]]);
  });
});
