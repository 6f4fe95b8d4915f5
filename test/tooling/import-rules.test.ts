import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importRules } from "../../tools/import-rules.ts";
import { importsOf, sourcesIn, violationsOf, type Violation } from "../../tools/imports.ts";

const root = resolve(import.meta.dirname, "../..");

/** A file that breaks a rule: where it stands, what it imports, which rule has to catch it. */
const PLANTED: [rule: string, file: string, imports: string][] = [
  ["no-circular", "lib/a.ts", "./b.ts"],
  ["no-circular-folders", "gateway/limits/asks.ts", "../operation/road.ts"],
  ["not-to-unresolvable", "lib/c.ts", "./nowhere.ts"],
  ["not-to-unresolvable", "lib/d.ts", "a-package-that-is-not-listed"],
  ["domain-is-pure", "subgraphs/plms/domain/rule.ts", "../../../lib/leaf.ts"],
  ["domain-is-pure", "subgraphs/plms/domain/reads.ts", "node:fs"],
  ["domain-is-pure", "subgraphs/catalog/products/domain/uses.ts", "zod"],
  ["operations-see-domain-and-ports", "subgraphs/plms/operations/start.ts", "../../../db/client.ts"],
  ["operations-see-domain-and-ports", "subgraphs/plms/operations/ask.ts", "graphql"],
  ["resolvers-stay-thin", "subgraphs/plms/resolvers/project.ts", "../../../db/client.ts"],
  ["resolvers-stay-thin", "subgraphs/plms/loaders.ts", "./adapters/store.ts"],
  ["resolvers-stay-thin", "subgraphs/catalog/usage/resolvers.ts", "./adapters/outbox.ts"],
  ["operations-see-domain-and-ports", "subgraphs/catalog/usage/operations/send.ts", "../adapters/outbox.ts"],
  ["products-know-no-other-room", "subgraphs/catalog/products/operations/ask.ts", "../../plm/domain/mode.ts"],
  ["the-plm-knows-no-orders", "subgraphs/catalog/plm/watch.ts", "../work-orders/domain/order.ts"],
  ["adapters-know-ports-not-resolvers", "subgraphs/plms/adapters/store.ts", "../resolvers/project.ts"],
  ["adapters-know-ports-not-resolvers", "subgraphs/plms/adapters/works.ts", "../jobs/job.ts"],
  ["jobs-work-beside-requests", "subgraphs/plms/jobs/asks.ts", "../resolvers/project.ts"],
  ["only-the-server-starts-jobs", "subgraphs/plms/rest/starts.ts", "../jobs/job.ts"],
  ["resolvers-stay-thin", "subgraphs/plms/rest/reads.ts", "../adapters/store.ts"],
  ["no-cross-subgraph", "subgraphs/catalog/plm/adapters/peek.ts", "../../../plms/adapters/store.ts"],
  ["subgraph-never-sees-gateway", "subgraphs/catalog/plm/adapters/up.ts", "../../../../gateway/server.ts"],
  ["gateway-knows-urls-only", "gateway/cheat.ts", "../subgraphs/plms/loaders.ts"],
  ["gateway-knows-urls-only", "gateway/store.ts", "../db/client.ts"],
  ["dashboard-sees-the-contract-only", "dashboard/src/peek.ts", "../../db/client.ts"],
  ["lib-is-a-leaf", "lib/up.ts", "../db/client.ts"],
  ["db-sees-only-lib", "db/up.ts", "../gateway/server.ts"],
  ["mocks-stand-alone", "mocks/plm/cheat.ts", "../../db/client.ts"],
  ["conformance-knows-no-server", "conformance/cheat.ts", "../gateway/config.ts"],
  ["nothing-ships-test-code", "gateway/tested.ts", "../test/helper.ts"],
  ["pg-only-in-db", "subgraphs/plms/adapters/sql.ts", "pg"],
  ["env-only-in-config", "gateway/settings.ts", "../lib/env.ts"],
];

/** Files that break nothing by themselves. */
const INNOCENT = [
  "lib/leaf.ts",
  "lib/env.ts",
  "db/client.ts",
  "gateway/server.ts",
  "test/helper.ts",
  "gateway/operation/road.ts",
  "subgraphs/plms/jobs/job.ts",
  "subgraphs/catalog/usage/adapters/outbox.ts",
  "subgraphs/catalog/plm/domain/mode.ts",
  "subgraphs/catalog/work-orders/domain/order.ts",
];

describe("the import rules", () => {
  let folder: string;
  let found: Violation[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "import-rules-"));
    copyFileSync(join(root, "package.json"), join(folder, "package.json"));
    const plant = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    for (const file of INNOCENT) plant(file, "export const nothing = 0;\n");
    plant("gateway/operation/limited.ts", 'export * from "../limits/asks.ts";\n');
    plant("lib/b.ts", 'import type { x } from "./a.ts";\nexport type X = typeof x;\n');
    for (const [, file, imports] of PLANTED)
      plant(file, `import * as it from "${imports}";\nexport const x = it;\n`);
    const files = sourcesIn(folder, [
      "lib",
      "db",
      "gateway",
      "subgraphs",
      "mocks",
      "conformance",
      "dashboard",
    ]);
    found = violationsOf(importRules, importsOf(folder, files));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(PLANTED)("%s catches %s importing %s", (rule, file) => {
    expect(found.filter(({ from }) => from === file).map((violation) => violation.rule.name)).toContain(rule);
  });

  test("leave innocent files alone", () => {
    expect(found.filter(({ from }) => INNOCENT.includes(from))).toEqual([]);
  });

  test.each([
    ["a type", 'import type { x } from "./leaf.ts";\nexport type X = typeof x;'],
    ["a type in place", 'export type X = import("./leaf.ts").X;'],
    ["a dynamic import", 'export const x = await import("./leaf.ts");'],
    ["a re-export", 'export { x } from "./leaf.ts";'],
    ["a re-export of everything", 'export * from "./leaf.ts";'],
    ["an import for its effect", 'import "./leaf.ts";'],
  ])("see %s", (_what, text) => {
    const file = join(folder, "lib/other.ts");
    writeFileSync(file, `${text}\n`);
    const expected = { from: "lib/other.ts", to: "lib/leaf.ts", isResolved: true };
    expect(importsOf(folder, ["lib/other.ts"])).toEqual([expected]);
    rmSync(file);
  });

  test("see a circle of several files at every file of it, and not what leads into it", () => {
    const edge = (from: string, to: string) => ({ from, to, isResolved: true });
    const imports = [edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("outside", "a"), edge("c", "leaf")];
    expect(violationsOf(importRules, imports).map(({ from, to }) => [from, to])).toEqual([
      ["a", "b"],
      ["b", "c"],
      ["c", "a"],
    ]);
  });

  test("refuse to judge a file that they cannot read", () => {
    const file = join(folder, "lib/broken.ts");
    writeFileSync(file, 'import { from "./leaf.ts";\n');
    expect(() => importsOf(folder, ["lib/broken.ts"])).toThrow("lib/broken.ts");
    rmSync(file);
  });

  test("see every TypeScript file of the project, and what it imports", () => {
    const parts = ["lib", "db", "gateway", "subgraphs", "mocks", "standalone", "dashboard/src"];
    const files = parts.flatMap((part) =>
      readdirSync(join(root, part), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.tsx?$/.test(file))
        .map((file) => `${part}/${file}`),
    );
    expect(sourcesIn(root, parts).sort()).toEqual(files.sort());
    const importing = files.filter((file) => /^import /m.test(readFileSync(join(root, file), "utf8")));
    expect(importing.length).toBeGreaterThan(300);
    const seen = new Set(importsOf(root, files).map(({ from }) => from));
    expect(importing.filter((file) => !seen.has(file))).toEqual([]);
  });
});
