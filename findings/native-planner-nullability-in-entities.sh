#!/usr/bin/env bash
# @graphql-hive/router-query-planner 0.0.38 asks _entities for one response name of two types, which a subgraph has to refuse.
#
# Seen: an interface has `name: String`, one implementation of it `name: String!`, another `name: String`. For { crew { name } } the
# request for the names is _entities{...on Actor{name} ...on Extra{name}}, which graphql-js 16.15.0 refuses by the rule on overlapping
# fields ("String!" and "String"). In the request for a root field of the same shape the same planner gives one of the two an alias;
# Apollo's planner (2.14.4) gives it in both. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @graphql-hive/router-query-planner@0.0.38 @apollo/composition@2.14.4 @apollo/subgraph@2.14.4 \
  @apollo/query-planner@2.14.4 @apollo/federation-internals@2.14.4 graphql@16.15.0
cat > try.cjs <<'JS'
const { parse, validate } = require("graphql");
const { composeServices } = require("@apollo/composition");
const { buildSubgraphSchema } = require("@apollo/subgraph");
const { QueryPlanner: Native } = require("@graphql-hive/router-query-planner");
const { QueryPlanner: Apollo } = require("@apollo/query-planner");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external"])\n`;
const names = `interface Crew { name: String }
  type Actor implements Crew @key(fields: "id") { id: ID! name: String! }
  type Extra implements Crew @key(fields: "id") { id: ID! name: String }`;
const ids = `interface Crew { id: ID! } type Actor implements Crew @key(fields: "id") { id: ID! }
  type Extra implements Crew @key(fields: "id") { id: ID! }`;

/** Every request of both planners for { crew { name } }, with what graphql-js says of it against the subgraph's schema. */
function requests(title, typeDefs) {
  const services = Object.entries(typeDefs).map(([name, text]) => ({ name, url: `http://${name}`, typeDefs: parse(link + text) }));
  const { supergraphSdl, errors } = composeServices(services);
  if (errors) throw errors[0];
  const supergraph = Supergraph.build(supergraphSdl);
  const schema = supergraph.apiSchema();
  const text = "{ crew { name } }";
  if (validate(schema.toGraphQLJSSchema(), parse(text)).length > 0) throw new Error("not valid");
  const plans = {
    native: new Native(supergraphSdl).plan(text, null, new Set(), 100),
    apollo: new Apollo(supergraph).buildQueryPlan(operationFromDocument(schema, parse(text))),
  };
  const refusals = {};
  for (const [planner, plan] of Object.entries(plans)) {
    refusals[planner] = fetches(plan.node).map(({ serviceName, operation }) => {
      const subgraph = buildSubgraphSchema(services.find(({ name }) => name === serviceName));
      const [refusal] = validate(subgraph, parse(operation));
      console.log(`${title}, ${planner}, to ${serviceName}: ${operation}\n  ${refusal?.message ?? "valid"}`);
      return refusal?.message ?? "";
    });
  }
  return refusals;
}
const fetches = (node) => (node.kind === "Fetch" ? [node] : (node.nodes ?? [node.node]).flatMap(fetches));

const root = requests("a root field", {
  named: `type Query { crew: [Crew!]! } ${names}
    type Stunt implements Crew @key(fields: "id") { id: ID! name: String @external }`,
  other: `type Stunt @key(fields: "id") { id: ID! name: String }`,
});
const entities = requests("entities", { crews: `type Query { crew: [Crew!]! } ${ids}`, named: names });
const isValid = (refusal) => refusal === "";
const onlyNativeEntitiesAreRefused =
  /conflicting types "String!" and "String"/.test(entities.native.at(-1)) &&
  [root.native, root.apollo, entities.apollo].every((all) => all.every(isValid));
process.exit(onlyNativeEntitiesAreRefused ? 0 : 1);
JS
node try.cjs
echo "as it was: what the native planner asks of _entities is not valid"
