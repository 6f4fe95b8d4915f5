#!/usr/bin/env bash
# An error thrown for one entity takes all entities of the request with it; the same error from an async function takes one.
#
# Packages: @apollo/subgraph 2.15.1 (2.14.4 does the same), graphql 16.15.0.
# Seen: three entities are asked for, and `__resolveReference` fails for the second. Where it throws at once, the answer is
# {"data":null} with one error at the path ["_entities"], so nobody can tell which entity it was. Where it is an async
# function, or returns the error, the other two are there and the path is ["_entities", 1]. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @apollo/subgraph@2.15.1 graphql@16.15.0
cat > try.cjs <<'JS'
const { graphql, parse } = require("graphql");
const { buildSubgraphSchema } = require("@apollo/subgraph");
const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  type Query { first: Product }
  type Product @key(fields: "id") { id: ID! name: String }`);
const source = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { name } } }`;
const variableValues = { of: ["1", "2", "3"].map((id) => ({ __typename: "Product", id })) };
const find = ({ id }) => {
  if (id === "2") throw new Error("2 is not here");
  return { id, name: `product ${id}` };
};
const ways = {
  "throws at once": find,
  "is async": async (reference) => find(reference),
  "returns the error": (reference) => {
    try {
      return find(reference);
    } catch (error) {
      return error;
    }
  },
};
const some = '{"_entities":[{"name":"product 1"},null,{"name":"product 3"}]} at ["_entities",1]';
const expected = ['null at ["_entities"]', some, some];
(async () => {
  const seen = [];
  for (const [way, __resolveReference] of Object.entries(ways)) {
    const schema = buildSubgraphSchema([{ typeDefs, resolvers: { Product: { __resolveReference } } }]);
    const { data, errors } = await graphql({ schema, source, variableValues });
    seen.push(`${JSON.stringify(data)} at ${JSON.stringify(errors[0].path)}`);
    console.log(`__resolveReference ${way}:`.padEnd(40), seen.at(-1));
  }
  process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
})();
JS
echo "@apollo/subgraph 2.15.1:"
node try.cjs
echo "as it was: what is thrown at once takes all entities along"
