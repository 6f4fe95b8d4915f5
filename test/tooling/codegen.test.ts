import { execFile } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { subgraphs } from "../../schema/subgraphs.ts";
import { isFull } from "../support/depth.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

/** Runs the generator's check on the checked-in files as they stand in a folder. */
async function check(folder: string): Promise<string> {
  const options = { cwd: folder };
  return run(process.execPath, [join(root, "codegen.ts"), "--check"], options).then(
    () => "",
    (failed: { stderr: string }) => failed.stderr,
  );
}

describe.runIf(isFull)("npm run codegen -- --check", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "codegen-"));
    cpSync(join(root, "schema"), join(folder, "schema"), { recursive: true });
    cpSync(join(root, "client/examples"), join(folder, "client/examples"), { recursive: true });
    mkdirSync(join(folder, "docs"));
    for (const page of ["configuration.md", "federation.md", "facade.md"])
      cpSync(join(root, "docs", page), join(folder, "docs", page));
    for (const { folder: own = "" } of subgraphs) {
      for (const part of ["generated", "mappers.ts"])
        cpSync(join(root, own, part), join(folder, own, part), { recursive: true });
    }
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("names generated files that are stale, and none of the others that are checked in", async () => {
    const changed = ["schema/generated/documents.ts", "client/examples/generated/graphql.ts"];
    for (const file of changed) appendFileSync(join(folder, file), "// changed by hand\n");
    const stale = (await check(folder)).split("\n").filter((line) => line.includes("is stale"));
    expect(stale).toEqual(changed.map((file) => expect.stringContaining(`${file} is stale`)));
  });

  test("names an operation that the schema no longer allows", async () => {
    writeFileSync(
      join(folder, "schema/operations/broken.graphql"),
      "query Broken { models { edges { node { colour } } } }",
    );
    expect(await check(folder)).toContain(
      'schema/operations/broken.graphql: the schema breaks this operation: Cannot query field "colour"',
    );
  });
});
