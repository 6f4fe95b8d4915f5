#!/usr/bin/env bash
# @apollo/query-planner 2.14.4 sends literals of custom scalars as JavaScript sees them, which can be another value than the client's.
#
# Seen: for `scalar Any`, f(it: 9007199254740993) is sent on as 9007199254740992, and the enum value in f(it: {color: RED}) as the
# string "RED"; an ID that was written "1" becomes the number 1. @graphql-hive/router-query-planner 0.0.38 sends all three as they were
# written. Exits with 1 when one changes.
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
const { supergraphSdl, errors } = composeServices([{
  name: "things",
  url: "http://things",
  typeDefs: parse(`extend schema @link(url: "https://specs.apollo.dev/federation/v2.7")
    scalar Any type Query { f(it: Any): String thing(id: ID!): String }`),
}]);
if (errors) throw errors[0];
const supergraph = Supergraph.build(supergraphSdl);
const schema = supergraph.apiSchema();
const sent = { // the client's operation: what Apollo's planner sends to the subgraph
  "{f(it:9007199254740993)}": "{f(it:9007199254740992)}",
  "{f(it:{color:RED})}": '{f(it:{color:"RED"})}',
  '{thing(id:"1")}': "{thing(id:1)}",
};
const compact = (text) => text.replaceAll(/\s+/g, "");
let isAsSeen = true;
for (const [text, seen] of Object.entries(sent)) {
  if (validate(schema.toGraphQLJSSchema(), parse(text)).length > 0) throw new Error(`${text} is not valid`);
  const apollo = compact(new Apollo(supergraph).buildQueryPlan(operationFromDocument(schema, parse(text))).node.operation);
  const native = compact(new Native(supergraphSdl).plan(text, null, new Set(), 100).node.operation);
  console.log(`client: ${text}  Apollo's planner: ${apollo}  native planner: ${native}`);
  isAsSeen &&= apollo === seen && native === text;
}
process.exit(isAsSeen ? 0 : 1);
JS
node try.cjs
echo "as it was: Apollo's planner sends other literals than the client wrote"
