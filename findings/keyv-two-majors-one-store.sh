#!/usr/bin/env bash
# keyv 5 and keyv 6 on one store, as during a rolling upgrade, each miss what the other has written, and nobody is told.
#
# Packages: keyv 5.6.0 and 6.1.0 over one Map, the store that both take as it is.
# Seen: with the namespace "n", version 5 keeps the key "one" as "n:one" and version 6 as "n::one", so each reads undefined for
# what the other has. Without a namespace the key is the same and the value is not: version 5 keeps a text, version 6 an object with
# the text in it. Then version 6 finds nothing of version 5, and version 5 finds the inside of version 6's record: the
# text {"value":2,...} in the place of 2. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund keyv5@npm:keyv@5.6.0 keyv6@npm:keyv@6.1.0
cat > try.mjs <<'JS'
import { Keyv as Five } from "keyv5";
import { Keyv as Six } from "keyv6";

const seen = [];
for (const namespace of ["n", undefined]) {
  const store = new Map();
  const [five, six] = [new Five({ store, namespace }), new Six({ store, namespace })];
  await five.set("one", 1, 60_000);
  await six.set("two", 2, 60_000);
  const forms = [...store].map(([key, value]) => `${key}: ${typeof value}`);
  const [ofSix, ofFive] = [await five.get("two"), await six.get("one")];
  const shown = typeof ofSix === "string" ? ofSix.replace(/\d{6,}/, "…") : ofSix;
  console.log(`namespace ${namespace}: kept ${forms.join(", ")}; 5 reads of 6: ${shown}; 6 reads of 5: ${ofFive}`);
  seen.push(forms, shown ?? null, ofFive ?? null);
}
const expected = [["n:one: string", "n::two: object"], null, null, ["one: string", "two: object"], '{"value":2,"expires":…}', null];
process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
JS
echo "keyv 5.6.0 and 6.1.0:"
node try.mjs
echo "as it was: the two versions share a store and no entry"
