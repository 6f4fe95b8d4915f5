#!/usr/bin/env bash
# @graphql-hive/router-query-planner 0.0.38 plans a field whose argument comes from @fromContext as if it had no argument.
#
# Seen: the supergraph says in join__field(contextArguments: ...) of Child.label that the subgraph gets a value for `lang`, found
# at the parent. The native plan is one request, {parent{child{label}}}, so the field is resolved without it and nobody is told.
# Apollo's planner (2.14.4) fetches `lang` first and then asks for label(lang: $contextualArgument...). Exits with 1 when either
# changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @graphql-hive/router-query-planner@0.0.38 @apollo/composition@2.14.4 \
  @apollo/query-planner@2.14.4 @apollo/federation-internals@2.14.4 graphql@16.15.0
cat > try.cjs <<'JS'
const { parse } = require("graphql");
const { composeServices } = require("@apollo/composition");
const { QueryPlanner: Native } = require("@graphql-hive/router-query-planner");
const { QueryPlanner: Apollo, prettyFormatQueryPlan } = require("@apollo/query-planner");
const { Supergraph, operationFromDocument, DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES } = require("@apollo/federation-internals");
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@context", "@fromContext"])\n`;
const { supergraphSdl, errors } = composeServices([
  { name: "parents", url: "http://parents", typeDefs: parse(link + `
    type Query { parent: Parent }
    type Parent @key(fields: "id") @context(name: "language") { id: ID! lang: String! child: Child! }
    type Child @key(fields: "id") { id: ID! label(lang: String @fromContext(field: "$language { lang }")): String! }`) },
  { name: "others", url: "http://others", typeDefs: parse(link + `type Child @key(fields: "id") { id: ID! size: Int }`) },
]);
if (errors) throw errors[0];
const text = "{ parent { child { label } } }";
const native = JSON.stringify(new Native(supergraphSdl).plan(text, null, new Set(), 100));
const supergraph = Supergraph.build(supergraphSdl, {
  supportedFeatures: new Set([...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES, "https://specs.apollo.dev/context/v0.1"]),
});
const apollo = prettyFormatQueryPlan(new Apollo(supergraph).buildQueryPlan(operationFromDocument(supergraph.apiSchema(), parse(text))));
console.log("native:", native, "\napollo:", apollo);
const nativeLeavesItOut = /\blabel\b/.test(native) && !/label\s*\(/.test(native) && !/contextRewrites":\[\{/.test(native);
const apolloSendsIt = /label\s*\(\s*lang:/.test(apollo);
process.exit(nativeLeavesItOut && apolloSendsIt ? 0 : 1);
JS
node try.cjs
echo "as it was: the native planner leaves the argument out, Apollo's sends it"
