import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** The pages that say where things are; `folders` are those that a page says its paths are below. */
const PAGES = [
  { file: "docs/plms-requirements.md", folders: ["subgraphs/plms", "test/plms"], atLeast: 60 },
  { file: "docs/catalog-requirements.md", folders: ["subgraphs/catalog", "test/catalog"], atLeast: 50 },
  { file: "CONTRIBUTING.md", folders: [], atLeast: 25 },
  { file: "docs/architecture.md", folders: [], atLeast: 50 },
];

const textOf = (file: string) => readFileSync(resolve(root, file), "utf8");
const isPath = (code: string) => /^[a-z][\w.-]*(\/[\w.-]*)*$/.test(code) && /\/|\.(ts|md|json)$/.test(code);

/** Paths in code; a pattern stands for the folder that it looks in. */
function pathsIn(page: string): string[] {
  const codes = [...page.replaceAll(/```.*?```/gs, "").matchAll(/`([^`]+)`/g)].map(([, code = ""]) =>
    code.replace(/\*.*$/, ""),
  );
  return [...new Set(codes.filter(isPath))];
}

describe.each(PAGES)("$file", ({ file, folders, atLeast }) => {
  test("names files that there are", () => {
    const paths = pathsIn(textOf(file));
    const isMissing = (path: string) =>
      ![".", ...folders].some((folder) => existsSync(resolve(root, folder, path)));
    expect(paths.filter(isMissing)).toEqual([]);
    expect(paths.length).toBeGreaterThan(atLeast);
  });
});

describe("the requirements", () => {
  const rowsIn = (file: string, letter: string) =>
    [...textOf(file).matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, head = ""]) =>
      [...(head.match(new RegExp(`^(?:${letter}\\d+(?:, )?)+`))?.[0] ?? "").matchAll(/\d+/g)].map(Number),
    );
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  test("of the PLMS have every row once, from A1 to A39", () => {
    const rows = rowsIn("docs/plms-requirements.md", "A");
    expect(rows.toSorted((a, b) => a - b)).toEqual(upTo(39));
  });

  test("of the catalogue have every row once, from B1 to B58", () => {
    const rows = rowsIn("docs/catalog-requirements.md", "B");
    expect(rows.toSorted((a, b) => a - b)).toEqual(upTo(58));
  });
});
