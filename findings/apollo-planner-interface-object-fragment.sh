#!/usr/bin/env bash
# @apollo/query-planner 2.14.4 has no plan for a fragment of an interface that an interface object's subgraph does not know.
#
# Seen: one subgraph has `Media` as an @interfaceObject and gives the root field `best`; another has Film, which implements `Media` and
# `Long`. { best { ... on Long { minutes } } } is valid, and planned as "We should have an edge from Media(reviews) for __typename".
# Written as { best { ... on Film { minutes } } }, Film being the only `Long`, it is planned; @graphql-hive/router-query-planner 0.0.38
# plans both. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @graphql-hive/router-query-planner@0.0.38 @apollo/composition@2.14.4 \
  @apollo/query-planner@2.14.4 @apollo/federation-internals@2.14.4 graphql@16.15.0
cat > try.cjs <<'JS'
const { parse, validate } = require("graphql");
const { composeServices } = require("@apollo/composition");
const { QueryPlanner: Native } = require("@graphql-hive/router-query-planner");
const { QueryPlanner: Apollo } = require("@apollo/query-planner");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@interfaceObject"])\n`;
const { supergraphSdl, errors } = composeServices([
  { name: "library", url: "http://library", typeDefs: parse(link + `
    type Query { all: [Media!]! }
    interface Media @key(fields: "id") { id: ID! }
    interface Long { minutes: Int }
    type Film implements Media & Long @key(fields: "id") { id: ID! minutes: Int }
    type Clip implements Media @key(fields: "id") { id: ID! }`) },
  { name: "reviews", url: "http://reviews", typeDefs: parse(link + `
    type Query { best: Media }
    type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }`) },
]);
if (errors) throw errors[0];
const supergraph = Supergraph.build(supergraphSdl);
const schema = supergraph.apiSchema();
const requests = (node) =>
  node.kind === "Fetch" ? [`${node.serviceName}: ${node.operation}`] : (node.nodes ?? [node.node]).flatMap(requests);
function outcome(plan) {
  try { return requests(plan().node).join("\n    "); } catch (error) { return `NO PLAN: ${error.message}`; }
}
const noPlan = [];
for (const text of ["{ best { ... on Long { minutes } } }", "{ best { ... on Film { minutes } } }"]) {
  if (validate(schema.toGraphQLJSSchema(), parse(text)).length > 0) throw new Error(`${text} is not valid`);
  const apollo = outcome(() => new Apollo(supergraph).buildQueryPlan(operationFromDocument(schema, parse(text))));
  const native = outcome(() => new Native(supergraphSdl).plan(text, null, new Set(), 100));
  console.log(`${text}\n  Apollo's:\n    ${apollo}\n  native:\n    ${native}`);
  noPlan.push(apollo.startsWith("NO PLAN: We should have an edge"), native.startsWith("NO PLAN"));
}
process.exit(String(noPlan) === "true,false,false,false" ? 0 : 1);
JS
node try.cjs
echo "as it was: Apollo's planner has no plan for the fragment of the interface"
