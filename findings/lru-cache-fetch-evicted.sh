#!/usr/bin/env bash
# lru-cache makes room by throwing out a fetch that is under way and takes no room, and its caller gets an error.
#
# Package: lru-cache 11.5.3.
# Seen: a cache of size 10 whose fetchMethod gives values of size 4. Asked for a, b, c and d one after the other it gives all four.
# Asked for all at once it gives a, b and c, and rejects d, the one asked for last, with "evicted". Only c and b are kept: a had to
# go for c all the same, so throwing d out freed nothing. With a maximum of three entries the first two of five fetches at
# once are rejected. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund lru-cache@11.5.3
cat > try.mjs <<'JS'
import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";

const fetchMethod = async (key) => {
  await sleep(20);
  return key.repeat(4);
};
const bySize = () => new LRUCache({ maxSize: 10, sizeCalculation: (value) => value.length, fetchMethod });
const outcome = (promise) => promise.catch((error) => `rejected: ${error.message}`);

const inTurn = [];
const patient = bySize();
for (const key of ["a", "b", "c", "d"]) inTurn.push(await outcome(patient.fetch(key)));
const sized = bySize();
const atOnce = await Promise.all(["a", "b", "c", "d"].map((key) => outcome(sized.fetch(key))));
const counted = new LRUCache({ max: 3, fetchMethod });
const five = await Promise.all(["a", "b", "c", "d", "e"].map((key) => outcome(counted.fetch(key))));

console.log("size 10, in turn:", inTurn.join(", "));
console.log("size 10, at once:", atOnce.join(", "), `(kept: ${[...sized.keys()].join(", ")}; size ${sized.calculatedSize})`);
console.log("three entries, five at once:", five.join(", "));
const seen = JSON.stringify([inTurn, atOnce, [...sized.keys()], five]);
const gone = "rejected: evicted";
const expected = [["aaaa", "bbbb", "cccc", "dddd"], ["aaaa", "bbbb", "cccc", gone], ["c", "b"], [gone, gone, "cccc", "dddd", "eeee"]];
process.exit(seen === JSON.stringify(expected) ? 0 : 1);
JS
echo "lru-cache 11.5.3:"
node try.mjs
echo "as it was: fetches are rejected because others under way need the room"
