import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(resolve(root, "docs/threat-model.md"), "utf8");
const named = [...page.matchAll(/(test\/\S+\.test\.ts): `([^`]+)`/g)].map(([, file = "", words = ""]) => ({
  file,
  words,
}));

describe("the threat model", () => {
  test("names a test for every attack", () => {
    const attacks =
      page
        .split("## Attacks")[1]
        ?.split("##")[0]
        ?.match(/^\| [^|-]/gm) ?? [];
    expect(attacks.length - 1).toBe(named.length);
    expect(named.length).toBeGreaterThan(25);
  });

  test.each(named)("$file has $words", ({ file, words }) => {
    const path = resolve(root, file);
    expect(existsSync(path)).toBe(true);
    expect(readFileSync(path, "utf8").replaceAll(/\\(["'])/g, "$1")).toContain(words);
  });
});
