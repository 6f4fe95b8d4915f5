#!/usr/bin/env bash
# @urql/core 6.0.3 does not tell of the error of a deferred part that graphql-js 17 could not complete.
#
# Seen: in { film { title ... @defer { price } } } `price: Int!` fails. graphql 17.1.0 sends the title, and then "completed" with the
# errors of the part. urql's last result has the title, no price, no error and hasNext false, so a part that failed looks like one that
# is complete; @apollo/client 4.3.8 (GraphQL17Alpha9Handler) makes an error of the same bytes. Exits with 1 when either changes.
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
  directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { film: Film } type Film { title: String price: Int! }`);
const query = "{ film { title ... @defer { price } } }";
if (validate(schema, parse(query)).length > 0) throw new Error("not valid");
async function answer() {
  const price = async () => { throw new Error("no price list"); };
  const { initialResult, subsequentResults } = await experimentalExecuteIncrementally({
    schema,
    document: parse(query),
    rootValue: { film: { title: "Alien", price } },
  });
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
  client.query(query, {}).subscribe(({ data, error, hasNext }) => hasNext || resolve(JSON.stringify({ data, error: error?.message })));
});
async function lastOfApollo(fetch) {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: new HttpLink({ uri: "http://server", fetch }),
    incrementalHandler: new GraphQL17Alpha9Handler(),
  });
  const { data, error } = await client.query({ query: gql(query), fetchPolicy: "no-cache", errorPolicy: "all" });
  return JSON.stringify({ data, error: error?.message });
}
(async () => {
  const parts = await answer();
  for (const part of parts) console.log("graphql 17.1.0:", JSON.stringify(part));
  const urql = await lastOfUrql(fetchOf(parts));
  const apollo = await lastOfApollo(fetchOf(parts));
  console.log(`@urql/core:     ${urql}\n@apollo/client: ${apollo}`);
  process.exit(!urql.includes("error") && /"error":"no price list"/.test(apollo) ? 0 : 1);
})();
JS
node try.cjs
echo "as it was: urql tells of no error"
