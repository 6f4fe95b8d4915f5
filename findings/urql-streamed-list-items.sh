#!/usr/bin/env bash
# @urql/core 6.0.3 puts the items of a streamed list beside the list, as fields "0", "1", ..., when graphql-js 17 sent them.
#
# Seen: graphql 17.1.0 answers { film { tags @stream(initialCount: 1) } } in parts: the list with its first item, "pending" with the
# path of the list, then "incremental" with the other items. In urql's last result the list still has one item, and the others
# are fields of `film`; a second part begins at "0" again and overwrites the first. @apollo/client 4.3.8 (GraphQL17Alpha9Handler) makes
# the whole list of the same bytes. Exits with 1 when either changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @urql/core@6.0.3 @apollo/client@4.3.8 rxjs@7.8.2 graphql@16.15.0 graphql-17@npm:graphql@17.1.0
cat > try.cjs <<'JS'
const { buildSchema, parse, validate, experimentalExecuteIncrementally } = require("graphql-17");
const { Client, fetchExchange } = require("@urql/core");
const { ApolloClient, HttpLink, InMemoryCache, gql } = require("@apollo/client");
const { GraphQL17Alpha9Handler } = require("@apollo/client/incremental");
const schema = buildSchema(`
  directive @stream(if: Boolean! = true, label: String, initialCount: Int! = 0) on FIELD
  type Query { film: Film } type Film { tags: [String!] }`);
const query = "{ film { tags @stream(initialCount: 1) } }";
if (validate(schema, parse(query)).length > 0) throw new Error("not valid");
/** Comes in two parts after the first: graphql-js sends together what is there at the same time. */
async function* tags() {
  yield "a";
  yield "b";
  await new Promise((resolve) => setTimeout(resolve, 20));
  yield "c";
}
async function answer() {
  const rootValue = { film: { tags } };
  const { initialResult, subsequentResults } = await experimentalExecuteIncrementally({ schema, document: parse(query), rootValue });
  const parts = [initialResult];
  for await (const part of subsequentResults) parts.push(part);
  return parts;
}
function fetchOf(parts) {
  const body = parts.map((part) => `\r\n--part\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(part)}`).join("");
  return async () => new Response(`${body}\r\n--part--\r\n`, { headers: { "content-type": 'multipart/mixed; boundary="part"' } });
}
const lastOfUrql = (fetch) => new Promise((resolve) => {
  const client = new Client({ url: "http://server", preferGetMethod: false, exchanges: [fetchExchange], fetch });
  client.query(query, {}).subscribe(({ data, error, hasNext }) => hasNext || resolve(JSON.stringify({ data, error })));
});
async function lastOfApollo(fetch) {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: "http://server", fetch }),
    incrementalHandler: new GraphQL17Alpha9Handler(),
  });
  const { data, error } = await client.query({ query: gql(query), fetchPolicy: "no-cache" });
  return JSON.stringify({ data, error });
}
(async () => {
  const parts = await answer();
  for (const part of parts) console.log("graphql 17.1.0:", JSON.stringify(part));
  const urql = await lastOfUrql(fetchOf(parts));
  const apollo = await lastOfApollo(fetchOf(parts));
  console.log(`@urql/core:     ${urql}\n@apollo/client: ${apollo}`);
  process.exit(/"tags":\["a"\]/.test(urql) && /"0":"c"/.test(urql) && /"tags":\["a","b","c"\]/.test(apollo) ? 0 : 1);
})();
JS
node try.cjs
echo "as it was: urql's list has only its first item"
