import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const page = readFileSync(resolve(root, "docs/plms-requirements.md"), "utf8");
/** Where the page says that its paths are. */
const FOLDERS = ["", "subgraphs/plms/", "test/plms/"];

const codes = [...page.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
const isPath = (code: string) => /^[a-z][\w.-]*(\/[\w.-]*)*$/.test(code) && /\/|\.(ts|md|json)$/.test(code);
/** A pattern stands for the folder that it looks in. */
const paths = [...new Set(codes.map((code) => code.replace(/\*.*$/, "")).filter(isPath))];

it("the page of the PLMS's requirements names files that there are", () => {
  const missing = paths.filter((path) => !FOLDERS.some((folder) => existsSync(resolve(root, folder, path))));
  expect(missing).toEqual([]);
  expect(paths.length).toBeGreaterThan(60);
});

it("has every row from A1 to A39, each once", () => {
  const rows = [...page.matchAll(/^\| (A\d+) \|/gm)].map(([, row]) => row);
  expect(rows.toSorted((a = "", b = "") => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(
    Array.from({ length: 39 }, (_, index) => `A${index + 1}`),
  );
});
