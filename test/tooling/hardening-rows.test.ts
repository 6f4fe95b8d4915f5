import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { drills } from "../../fleet/drill/drills.ts";

const root = resolve(import.meta.dirname, "../..");
const self = "hardening-rows.test.ts";

/** `H1` to `H51`, say: two digits where `width` is two. */
const rows = (letter: string, from: number, to: number, width = 1) =>
  Array.from({ length: to - from + 1 }, (_, index) => `${letter}${`${from + index}`.padStart(width, "0")}`);
const suffixed = (id: string, ...suffixes: string[]) => suffixes.map((suffix) => `${id}${suffix}`);

/** Every attack and every piece of bad input that has to be survived, by the id that its test carries. */
const ROWS = {
  "over HTTP": [
    ...rows("H", 1, 51, 2).filter((id) => !["H13", "H14", "H28", "H41"].includes(id)),
    ...["H13", "H14"].flatMap((id) => suffixed(id, "a", "b")),
    ...suffixed("H28", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"),
    ...suffixed("H41", "a", "b", "c"),
    "H36x",
  ],
  "over sockets": [...rows("W", 2, 21, 2), "W24", "W32", "W35", ...rows("W", 38, 46), "S12b", "S14"],
  "on features of our own": rows("G", 1, 24),
};

/** For each kind of fault the drills that bring it about. */
const FAULTS = {
  "kill -9 of any process": ["kill-nine"],
  "PostgreSQL restarts or takes no connections": ["postgres-away"],
  "Redis is gone": ["redis-gone"],
  "the PLM misbehaves in every way": ["plm-chaos", "plm-rollback"],
  "the executor misbehaves, webhooks are doubled, late or forged": ["pas-faults"],
  "one subgraph is dead, hanging, restarting, lying": ["subgraph-faults"],
  "a gateway is killed or drained": ["gateway-replicas"],
  "clocks jump": ["clock-jumps"],
  "disk, port, folder or environment are bad": ["bad-start"],
  "a hundred projects, two thousand sockets": ["soak"],
  "product tables archived": ["product-tables"],
  "anything is killed while events are awaited": ["proof"],
  "one process after the other is of the next build": ["rolling-upgrade"],
};

const tests = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(self))
  .map((file) => readFileSync(join(root, "test", file), "utf8"));

/** The ids at the head of a name, in a row of a table, or in an attack's `id`; also as in "H43, H44: …" and "… (G22)". */
const carried = new Set(
  tests.flatMap((text) =>
    [...text.matchAll(/["'`(]((?:[HWGS]\d+[a-z]?)(?:(?:, | and )[HWGS]\d+[a-z]?)*)(?=[:"'`)])/g)].flatMap(
      ([, ids = ""]) => ids.split(/, | and /),
    ),
  ),
);

describe.each(Object.entries(ROWS))("what has to be survived %s", (_where, ids) => {
  test.each(ids)("%s has a test that carries its id", (id) => {
    expect(carried).toContain(id);
  });
});

describe("the faults that are drilled", () => {
  const documented = readFileSync(join(root, "docs/drills.md"), "utf8");
  const known = drills.map(({ name }) => name);

  test.each(Object.entries(FAULTS))("%s: by %s", (_fault, names) => {
    expect(known).toEqual(expect.arrayContaining(names));
    for (const name of names) expect(documented).toContain(`\`${name}\``);
  });

  test("are all there is a drill for", () => {
    expect(new Set(Object.values(FAULTS).flat())).toEqual(new Set(known));
  });
});
