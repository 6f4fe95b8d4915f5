import { composeServices } from "@apollo/composition";
import { parse } from "graphql";
import { describe, expect, it } from "vitest";
import { loadSupergraph } from "../../gateway/supergraph.ts";

const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@key", "@requires", "@external", "@interfaceObject", "@context", "@fromContext"])\n`;

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
