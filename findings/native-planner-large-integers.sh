#!/usr/bin/env bash
# @graphql-hive/router-query-planner 0.0.38 cannot read an integer literal above 9223372036854775807; GraphQL's grammar has no such limit.
#
# Seen: 9223372036854775807 is planned; one more, as an ID or as a Float argument, is "Failed to parse query: ... number too large to fit
# in target type", although graphql-js 16.15.0 finds the operation valid and its own ID and Float take the literal. The same ID as a
# string, or in a variable, is planned. Apollo's planner (2.14.4) plans all of them. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @graphql-hive/router-query-planner@0.0.38 @apollo/composition@2.14.4 \
  @apollo/query-planner@2.14.4 @apollo/federation-internals@2.14.4 graphql@16.15.0
cat > try.cjs <<'JS'
const { parse, validate, graphqlSync } = require("graphql");
const { composeServices } = require("@apollo/composition");
const { QueryPlanner: Native } = require("@graphql-hive/router-query-planner");
const { QueryPlanner: Apollo } = require("@apollo/query-planner");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const { supergraphSdl, errors } = composeServices([{
  name: "things",
  url: "http://things",
  typeDefs: parse(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.7") type Query { byId(id: ID!): String heavier(than: Float!): String }`),
}]);
if (errors) throw errors[0];
const supergraph = Supergraph.build(supergraphSdl);
const schema = supergraph.apiSchema();
const graphqlSchema = schema.toGraphQLJSSchema();
const echo = ({ id, than }) => JSON.stringify(id ?? than);
const isPlanned = { // by the native planner
  "{byId(id: 9223372036854775807)}": true,
  "{byId(id: 9223372036854775808)}": false,
  "{heavier(than: 9223372036854775808)}": false,
  '{byId(id: "9223372036854775808")}': true,
  "query ($id: ID!) {byId(id: $id)}": true,
};
let isAsSeen = true;
for (const [text, expected] of Object.entries(isPlanned)) {
  if (validate(graphqlSchema, parse(text)).length > 0) throw new Error(`${text} is not valid`);
  const { data } = graphqlSync({ schema: graphqlSchema, source: text, rootValue: { byId: echo, heavier: echo }, variableValues: { id: "x" } });
  const apollo = new Apollo(supergraph).buildQueryPlan(operationFromDocument(schema, parse(text))).node.operation;
  let native;
  try {
    native = new Native(supergraphSdl).plan(text, null, new Set(), 100).node.operation;
  } catch (error) {
    native = `NO PLAN: ${error.message.replaceAll(/\s+/g, " ").trim()}`;
  }
  console.log(`${text}\n  graphql-js: ${JSON.stringify(data)}\n  Apollo's:   ${apollo}\n  native:     ${native}`);
  isAsSeen &&= expected ? !native.startsWith("NO PLAN") : native.includes("number too large");
}
process.exit(isAsSeen ? 0 : 1);
JS
node try.cjs
echo "as it was: the native planner cannot read 9223372036854775808"
