#!/usr/bin/env bash
# @apollo/gateway 2.14.4 takes what a client put under a response name for the key, or the required field, of that name.
#
# Seen: `price` requires `weight` of another subgraph. In { film { weight: votes price } } the gateway sends the votes as the weight,
# and the price is made of them: 80, where one server says 30. In { film { size(unit: "m") area } } an area that requires
# size(unit: "cm") is made of metres: 6 for 600. In { film { id: name runs } } the name is not asked for at all, and the client gets
# the key under its alias. Each time without an error. Exits with 1 when any of the three is answered as by one server.
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
const film = { id: "f1", name: "Alien", votes: 8, weight: 3, size: ({ unit }) => (unit === "cm" ? 300 : 3) };
const services = [
  {
    name: "films",
    url: "http://films",
    typeDefs: parse(link + `type Query { film: Film }
      type Film @key(fields: "id") { id: ID! name: String votes: Int weight: Int size(unit: String): Int }`),
    resolvers: { Query: { film: () => film } },
  },
  {
    name: "prices",
    url: "http://prices",
    typeDefs: parse(link + `type Film @key(fields: "id") { id: ID! runs: Int
      weight: Int @external price: Int @requires(fields: "weight")
      size(unit: String): Int @external area: Int @requires(fields: "size(unit: \\"cm\\")") }`),
    resolvers: { Film: { __resolveReference: (it) => ({ ...it, runs: 7, price: it.weight * 10, area: it.size * 2 }) } },
  },
];
const { supergraphSdl, errors } = composeServices(services);
if (errors) throw errors[0];
const one = buildSchema(`type Query { film: Film }
  type Film { id: ID! name: String votes: Int weight: Int size(unit: String): Int runs: Int price: Int area: Int }`);
const rootValue = { film: { ...film, runs: 7, price: 30, area: 600 } };
const inProcess = new Map(services.map((it) => [it.name, new LocalGraphQLDataSource(buildSubgraphSchema(it))]));
const silent = { debug() {}, info() {}, warn() {}, error() {} };
(async () => {
  const gateway = new ApolloGateway({ supergraphSdl, logger: silent, buildService: ({ name }) => inProcess.get(name) });
  const server = new ApolloServer({ gateway, logger: silent });
  await server.start();
  const asSeen = { // operation: the gateway's answer when this was written
    "{ film { price area } }": { price: 30, area: 600 },
    "{ film { weight: votes price } }": { weight: 8, price: 80 },
    '{ film { size(unit: "m") area } }': { size: 3, area: 6 },
    "{ film { id: name runs } }": { id: "f1", runs: 7 },
  };
  let isAsSeen = true;
  for (const [query, seen] of Object.entries(asSeen)) {
    const answer = JSON.stringify((await server.executeOperation({ query })).body.singleResult);
    console.log(`${query}\n  gateway:    ${answer}\n  one server: ${JSON.stringify(await graphql({ schema: one, source: query, rootValue }))}`);
    isAsSeen &&= answer === JSON.stringify({ data: { film: seen } });
  }
  await server.stop();
  process.exit(isAsSeen ? 0 : 1);
})();
JS
node try.cjs
echo "as it was: the client's response name decides what the other subgraph is sent"
