#!/usr/bin/env bash
# A JSON Schema that zod makes refuses in Ajv one in nine of the amounts that zod itself takes.
#
# Packages: zod 4.6.7, ajv 8.20.0.
# Seen: z.number().multipleOf(0.01), an amount in cents, becomes {"type":"number","multipleOf":0.01} by z.toJSONSchema. Of the
# 100,001 amounts from 0 to 1000 zod takes all and Ajv refuses 11,426, among them 0.07, 0.29 and 19.99; with steps of 0.000001 it
# refuses 28,381 of the first 100,001. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund zod@4.6.7 ajv@8.20.0
cat > try.cjs <<'JS'
const { z } = require("zod");
const Ajv = require("ajv/dist/2020");
const seen = [100, 1000, 1_000_000].map((parts) => {
  const schema = z.number().multipleOf(1 / parts);
  const json = z.toJSONSchema(schema);
  const validate = new Ajv().compile(json);
  const amounts = Array.from({ length: 100_001 }, (_, index) => index / parts);
  const zodRefuses = amounts.filter((amount) => !schema.safeParse(amount).success);
  const ajvRefuses = amounts.filter((amount) => !validate(amount));
  console.log(`${JSON.stringify(json)}: of 100001 amounts zod refuses ${zodRefuses.length}, Ajv ${ajvRefuses.length}`);
  console.log(`  the first of Ajv's: ${ajvRefuses.slice(0, 6).join(" ")}; 19.99: ${validate(19.99) ? "taken" : "refused"}`);
  return [zodRefuses.length, ajvRefuses.length];
});
process.exit(JSON.stringify(seen) === "[[0,11426],[0,13359],[0,28381]]" ? 0 : 1);
JS
echo "zod 4.6.7, ajv 8.20.0:"
node try.cjs
echo "as it was: Ajv refuses by zod's own schema what zod takes"
