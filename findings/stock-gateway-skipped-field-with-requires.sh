#!/usr/bin/env bash
# A field that @apollo/gateway 2.14.4 skips takes the fields beside it along, when the skipped one has @requires.
#
# Seen: `price` requires `weight` of another subgraph, `runs` requires nothing; both are of one subgraph. { film { runs price
# @include(if: $priced) } } with false is planned with the condition on `weight`; then the entity has no weight, and the gateway does
# not ask for it: `runs` is null, without an error. Where `runs` cannot be null, the whole film is null, again with nothing in `errors`,
# only a line in extensions.valueCompletion. One server answers runs: 7. Exits with 1 when either changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @apollo/gateway@2.14.4 @apollo/composition@2.14.4 @apollo/subgraph@2.14.4 \
  @apollo/server@5.5.1 graphql@16.15.0
cat > try.cjs <<'JS'
const { parse, buildSchema, graphql } = require("graphql");
const { composeServices } = require("@apollo/composition");
const { buildSubgraphSchema } = require("@apollo/subgraph");
const { ApolloGateway, LocalGraphQLDataSource } = require("@apollo/gateway");
const { ApolloServer } = require("@apollo/server");
const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])\n`;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const query = "query ($priced: Boolean!) { film { runs price @include(if: $priced) } }";

async function answers(typeOfRuns, variables) {
  const calls = [];
  const services = [
    {
      name: "films",
      url: "http://films",
      typeDefs: parse(link + `type Query { film: Film } type Film @key(fields: "id") { id: ID! weight: Int }`),
      resolvers: { Query: { film: () => ({ id: "f1", weight: 3 }) } },
    },
    {
      name: "prices",
      url: "http://prices",
      typeDefs: parse(link + `type Film @key(fields: "id") { id: ID! runs: ${typeOfRuns}
        weight: Int @external price: Int @requires(fields: "weight") }`),
      resolvers: { Film: { __resolveReference: (it) => ({ ...it, runs: 7, price: it.weight * 10 }) } },
    },
  ];
  const { supergraphSdl, errors } = composeServices(services);
  if (errors) throw errors[0];
  const inProcess = new Map(services.map((it) => [it.name, new LocalGraphQLDataSource(buildSubgraphSchema(it))]));
  const buildService = ({ name }) => ({ process: (it) => (calls.push(name), inProcess.get(name).process(it)) });
  const server = new ApolloServer({ gateway: new ApolloGateway({ supergraphSdl, logger: silent, buildService }), logger: silent });
  await server.start();
  const { data, errors: faults, extensions } = (await server.executeOperation({ query, variables })).body.singleResult;
  await server.stop();
  const schema = buildSchema(`type Query { film: Film } type Film { id: ID! weight: Int runs: ${typeOfRuns} price: Int }`);
  const rootValue = { film: { id: "f1", weight: 3, runs: 7, price: 30 } };
  const one = JSON.stringify(await graphql({ schema, source: query, rootValue, variableValues: variables }));
  const gateway = JSON.stringify({ data, errors: faults });
  const note = extensions?.valueCompletion?.map(({ message }) => ` (extensions.valueCompletion: ${message})`) ?? "";
  console.log(`runs: ${typeOfRuns}, ${JSON.stringify(variables)}\n  gateway:    ${gateway}, asked ${calls}${note}\n  one server: ${one}`);
  return gateway;
}
(async () => {
  const isAsSeen = [
    (await answers("Int", { priced: true })) === '{"data":{"film":{"runs":7,"price":30}}}',
    (await answers("Int", { priced: false })) === '{"data":{"film":{"runs":null}}}',
    (await answers("Int!", { priced: false })) === '{"data":{"film":null}}',
  ].every(Boolean);
  process.exit(isAsSeen ? 0 : 1);
})();
JS
node try.cjs
echo "as it was: what is beside a skipped field with @requires is not fetched"
