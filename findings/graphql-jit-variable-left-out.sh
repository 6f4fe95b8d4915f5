#!/usr/bin/env bash
# graphql-jit 0.8.9 takes a variable that is left out for null, where it stands in an input object.
#
# Seen: change(to: {title: $title, price: $price}) with only {"price": 5} reaches the resolver of graphql-js 16.15.0 as {price: 5}, and a
# compiled one as {title: null, price: 5}: what changes what it is given clears the title. A default of the input's field is
# not used either. The same variable as an argument, and the whole object as a variable, come out as with graphql-js.
# Exits with 1 when either changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund graphql-jit@0.8.9 graphql@16.15.0
cat > try.cjs <<'JS'
const { buildSchema, parse, validate, executeSync } = require("graphql");
const { compileQuery } = require("graphql-jit");
const schema = buildSchema(`
  input Change { title: String price: Int }
  input Page { first: Int = 10 }
  type Query { list(page: Page, title: String): String }
  type Mutation { change(to: Change): String }`);
for (const type of [schema.getQueryType(), schema.getMutationType()]) {
  for (const field of Object.values(type.getFields())) field.resolve = (_, args) => JSON.stringify(args);
}
const cases = [ // operation, variables, whether both resolvers get the same
  ["mutation ($title: String, $price: Int) { change(to: {title: $title, price: $price}) }", { price: 5 }, false],
  ["query ($first: Int) { list(page: {first: $first}) }", {}, false],
  ["query ($title: String) { list(title: $title) }", {}, true],
  ["query ($page: Page) { list(page: $page) }", { page: {} }, true],
];
let isAsSeen = true;
for (const [text, variableValues, isSame] of cases) {
  const document = parse(text);
  if (validate(schema, document).length > 0) throw new Error(`${text} is not valid`);
  const interpreted = JSON.stringify(executeSync({ schema, document, variableValues }).data);
  const compiled = JSON.stringify(compileQuery(schema, document).query({}, {}, variableValues).data);
  console.log(`${text} ${JSON.stringify(variableValues)}\n  graphql-js:  ${interpreted}\n  graphql-jit: ${compiled}`);
  isAsSeen &&= (interpreted === compiled) === isSame;
}
process.exit(isAsSeen ? 0 : 1);
JS
node try.cjs
echo "as it was: the compiled resolvers get null for what was left out"
