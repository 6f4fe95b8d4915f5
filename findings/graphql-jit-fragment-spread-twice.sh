#!/usr/bin/env bash
# graphql-jit 0.8.9 leaves fields out when a fragment is spread twice, and the first spread has a condition that does not hold.
#
# Seen: { film { ...Facts @include(if: $all) ...Facts } } with false is answered by graphql-js 16.15.0 with the fields of Facts, for the
# second spread has no condition. The compiled query answers an empty film, without an error. With the two spreads in the other order,
# or as inline fragments, both answer the same. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund graphql-jit@0.8.9 graphql@16.15.0
cat > try.cjs <<'JS'
const { buildSchema, parse, validate, executeSync } = require("graphql");
const { compileQuery } = require("graphql-jit");
const schema = buildSchema("type Query { film: Film } type Film { title: String }");
const rootValue = { film: { title: "Alien" } };
const cases = { // operation: whether both answer the same
  "query ($all: Boolean!) { film { ...Facts @include(if: $all) ...Facts } } fragment Facts on Film { title }": false,
  "query ($all: Boolean!) { film { ...Facts ...Facts @include(if: $all) } } fragment Facts on Film { title }": true,
  "query ($all: Boolean!) { film { ... on Film @include(if: $all) { title } ... on Film { title } } }": true,
};
let isAsSeen = true;
for (const [text, isSame] of Object.entries(cases)) {
  const document = parse(text);
  if (validate(schema, document).length > 0) throw new Error(`${text} is not valid`);
  const interpreted = JSON.stringify(executeSync({ schema, document, rootValue, variableValues: { all: false } }));
  const compiled = JSON.stringify(compileQuery(schema, document).query(rootValue, {}, { all: false }));
  console.log(`${text}\n  graphql-js:  ${interpreted}\n  graphql-jit: ${compiled}`);
  isAsSeen &&= (interpreted === compiled) === isSame;
}
process.exit(isAsSeen ? 0 : 1);
JS
node try.cjs
echo "as it was: the compiled query leaves out the fields of the second spread"
