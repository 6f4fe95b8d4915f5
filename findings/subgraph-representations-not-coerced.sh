#!/usr/bin/env bash
# @apollo/subgraph hands a resolver what another subgraph wrote, not what the schema's scalars and enums make of it.
#
# Packages: @apollo/subgraph 2.15.1 (2.14.4 does the same), graphql 16.15.0.
# Seen: the enum Color has the internal value 1 for RED, the scalar Cents reads "1.50" as 150. As arguments they arrive as 1 and 150.
# As fields that `@requires` brings in a representation they arrive as "RED" and "1.50", because `_Any` is not read by the
# type of the field. A resolver that gives them back gets an error for the enum, and 0.01 for the money: "1.50" was taken for
# 1.5 cents. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @apollo/subgraph@2.15.1 graphql@16.15.0
cat > try.cjs <<'JS'
const { graphql, GraphQLScalarType, parse } = require("graphql");
const { buildSubgraphSchema } = require("@apollo/subgraph");
const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])
  enum Color { RED }
  scalar Cents
  type Query { asArguments(color: Color!, price: Cents!): String }
  type Product @key(fields: "id") {
    id: ID!
    color: Color @external
    price: Cents @external
    asRequired: String @requires(fields: "color price")
    sameColor: Color @requires(fields: "color")
    samePrice: Cents @requires(fields: "price")
  }`);
const Cents = new GraphQLScalarType({
  name: "Cents",
  serialize: (cents) => (cents / 100).toFixed(2),
  parseValue: (text) => Math.round(Number(text) * 100),
});
const told = ({ color, price }) => JSON.stringify([color, price]);
const resolvers = {
  Color: { RED: 1 },
  Cents,
  Query: { asArguments: (_, given) => told(given) },
  Product: { asRequired: told, sameColor: ({ color }) => color, samePrice: ({ price }) => price },
};
const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
const ask = (source, variableValues) => graphql({ schema, source, variableValues });
(async () => {
  const first = await ask(`query ($price: Cents!) { asArguments(color: RED, price: $price) }`, { price: "1.50" });
  // What a gateway sends: the fields as the other subgraph answered them.
  const of = [{ __typename: "Product", id: "1", color: "RED", price: "1.50" }];
  const second = await ask(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { asRequired sameColor samePrice } } }`,
    { of },
  );
  const [entity] = second.data._entities;
  console.log("RED and \"1.50\" as arguments:      ", first.data.asArguments);
  console.log("the same in a representation:     ", entity.asRequired);
  console.log("given back: color", entity.sameColor, `(${second.errors[0].message}), price`, entity.samePrice);
  const isAsSeen = first.data.asArguments === "[1,150]" && entity.asRequired === '["RED","1.50"]' &&
    entity.sameColor === null && entity.samePrice === "0.01";
  process.exit(isAsSeen ? 0 : 1);
})();
JS
echo "@apollo/subgraph 2.15.1:"
node try.cjs
echo "as it was: representations are not read by the types of their fields"
