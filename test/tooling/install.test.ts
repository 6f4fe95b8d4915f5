import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** A project of its own, with what a test puts into it. */
describe("what is installed", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "what is installed "));
    for (const file of ["tidy.cjs", "install.cjs"]) {
      put(`tools/${file}`, "");
      copyFileSync(join(root, "tools", file), join(folder, "tools", file));
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const run = (script: string, variables: Record<string, string> = {}) =>
    execFileSync(process.execPath, [join(folder, "tools", script)], {
      env: { ...process.env, ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });

  test("keeps code, types and licences, and loses what nothing here reads", () => {
    const kept = [
      "node_modules/one/package.json",
      "node_modules/one/index.js",
      "node_modules/one/index.d.ts",
      "node_modules/one/index.d.mts",
      "node_modules/one/LICENSE.md",
      "node_modules/one/lib/docs/render.js",
      "node_modules/one/node_modules/inner/package.json",
      "node_modules/@scope/two/package.json",
      "node_modules/@scope/two/test.js",
    ];
    const lost = [
      "node_modules/one/index.js.map",
      "node_modules/one/README.md",
      "node_modules/one/src/index.ts",
      "node_modules/one/docs/page.js",
      "node_modules/one/node_modules/inner/test/all.js",
      "node_modules/@scope/two/lib/lib.a",
      "node_modules/@scope/two/include/node.h",
    ];
    for (const file of [...kept, ...lost]) put(file, "");
    run("tidy.cjs");
    expect(kept.filter((file) => !existsSync(join(folder, file)))).toEqual([]);
    expect(lost.filter((file) => existsSync(join(folder, file)))).toEqual([]);
  });

  test("keeps the pinned Node as it came where its stripped copy would not run", () => {
    const program = `node_modules/node-${process.platform}-${process.arch}/bin/node`;
    put(program, "not a program");
    run("tidy.cjs");
    expect(readFileSync(join(folder, program), "utf8")).toBe("not a program");
    expect(existsSync(join(folder, `${program}.stripped`))).toBe(false);
  });

  test("gets the tools once, and again when their lock file changes", () => {
    put("tools/package-lock.json", "first");
    put(
      "npm.cjs",
      `require("fs").mkdirSync("${folder}/tools/node_modules", { recursive: true });
require("fs").appendFileSync("${folder}/asked", process.argv.slice(2, 4).join(" ") + "\\n");`,
    );
    const npm = { npm_execpath: join(folder, "npm.cjs") };
    run("install.cjs", npm);
    run("install.cjs", npm);
    put("tools/package-lock.json", "second");
    run("install.cjs", npm);
    expect(readFileSync(join(folder, "asked"), "utf8")).toBe("ci --prefix\nci --prefix\n");
  });

  test("says how to get the tools when npm fails", () => {
    put("tools/package-lock.json", "{}");
    put("npm", "#!/bin/sh\nexit 1\n");
    chmodSync(join(folder, "npm"), 0o755);
    expect(() => run("install.cjs", { npm_execpath: "", PATH: `${folder}:${process.env["PATH"]}` })).toThrow(
      "npm ci --prefix tools",
    );
  });
});
