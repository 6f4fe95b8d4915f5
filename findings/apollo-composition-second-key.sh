#!/usr/bin/env bash
# A second key in one subgraph makes Apollo's composition refuse a graph, and Apollo's planner has a plan for what it calls impossible.
#
# Packages: @apollo/composition, @apollo/query-planner 2.14.4; @theguild/federation-composition 0.27.0; graphql 16.15.0.
# Seen: `Crew.needs` of c requires `parts { big }`. b has the parts with the key uid; a and c have Film.big, and c has it by big as well as
# by uid. While a has the key uid alone, everybody composes it. When a gets the key big, too, so that there are more ways than before, Apollo
# says that { crew { needs } } "cannot be satisfied by the subgraphs". The Guild's composer takes it, and Apollo's planner plans that
# query over its supergraph in four fetches. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @apollo/composition@2.14.4 @apollo/query-planner@2.14.4 @apollo/federation-internals@2.14.4 \
  @theguild/federation-composition@0.27.0 graphql@16.15.0
cat > try.cjs <<'JS'
const { parse } = require("graphql");
const composers = {
  apollo: require("@apollo/composition").composeServices,
  guild: require("@theguild/federation-composition").composeServices,
};
const { operationFromDocument, Supergraph } = require("@apollo/federation-internals");
const { QueryPlanner } = require("@apollo/query-planner");
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@requires", "@external", "@shareable"])\n`;
const subgraphs = (keysInA) =>
  Object.entries({
    a: `type Film ${keysInA} { big: Int! @shareable uid: Int! }`,
    b: `type Film @key(fields: "uid") { uid: Int! } type Crew @key(fields: "id") { id: ID! parts: [Film!]! }`,
    c: `type Query { crew: Crew } type Film @key(fields: "big") @key(fields: "uid") { big: Int! @shareable uid: Int! }
      type Crew @key(fields: "id") { id: ID! parts: [Film!]! @external needs: String @requires(fields: "parts { big }") }`,
  }).map(([name, sdl]) => ({ name, url: `http://${name}.invalid`, typeDefs: parse(link + sdl) }));
const fetches = (node) => (node.kind === "Fetch" ? [node.serviceName] : (node.nodes ?? [node.node]).flatMap(fetches));

const seen = [];
for (const keys of ['@key(fields: "uid")', '@key(fields: "big") @key(fields: "uid")']) {
  const results = Object.entries(composers).map(([name, compose]) => [name, compose(subgraphs(keys))]);
  const told = results.map(([name, { errors }]) => `${name} ${errors ? "refuses" : "composes"}`);
  const supergraph = Supergraph.build(results[1][1].supergraphSdl);
  const query = operationFromDocument(supergraph.apiSchema(), parse("{ crew { needs } }"));
  const asked = fetches(new QueryPlanner(supergraph).buildQueryPlan(query).node).join(", ");
  console.log(`a with ${keys}: ${told.join(", ")}; Apollo's plan asks ${asked}`);
  const [error] = results[0][1].errors ?? [];
  if (error) console.log(error.message.replace(/^/gm, "    "));
  seen.push(told.join(), asked);
}
const expected = ["apollo composes,guild composes", "c, b, a, c", "apollo refuses,guild composes", "c, b, a, c"];
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
echo "@apollo/composition 2.14.4:"
node try.cjs
echo "as it was: more keys, and the query that has a plan is called impossible"
