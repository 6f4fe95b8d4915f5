import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

/** A file that breaks a rule: where it stands, what it imports, which rule has to catch it. */
const PLANTED: [rule: string, file: string, imports: string][] = [
  ["no-circular", "lib/a.ts", "./b.ts"],
  ["not-to-unresolvable", "lib/c.ts", "./nowhere.ts"],
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
  ["no-cross-subgraph", "subgraphs/catalog/plm/adapters/peek.ts", "../../../plms/adapters/store.ts"],
  ["subgraph-never-sees-gateway", "subgraphs/catalog/plm/adapters/up.ts", "../../../../gateway/server.ts"],
  ["gateway-knows-urls-only", "gateway/cheat.ts", "../subgraphs/plms/loaders.ts"],
  ["gateway-knows-urls-only", "gateway/store.ts", "../db/client.ts"],
  ["dashboard-sees-the-contract-only", "dashboard/src/peek.ts", "../../db/client.ts"],
  ["lib-is-a-leaf", "lib/up.ts", "../db/client.ts"],
  ["db-sees-only-lib", "db/up.ts", "../gateway/server.ts"],
  ["mocks-stand-alone", "mocks/plm/cheat.ts", "../../db/client.ts"],
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
  "subgraphs/catalog/usage/adapters/outbox.ts",
  "subgraphs/catalog/plm/domain/mode.ts",
  "subgraphs/catalog/work-orders/domain/order.ts",
];

interface Report {
  modules: { source: string; dependencies: unknown[] }[];
  summary: { totalCruised: number; violations: { from: string; to: string; rule: { name: string } }[] };
}

const cruise = async (folder: string, parts: string[]) => (await cruiseModules(folder, parts)).summary;

async function cruiseModules(folder: string, parts: string[]): Promise<Report> {
  const config = join(root, "dependency-cruiser.config.mjs");
  const command = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const options = { cwd: folder, maxBuffer: 64 * 1_048_576 };
  const args = [command, "--config", config, "--output-type", "json", ...parts];
  const { stdout } = await run(process.execPath, args, options).catch((failed: { stdout: string }) => failed);
  return JSON.parse(stdout) as Report;
}

describe("the import rules", () => {
  let folder: string;
  let found: Report["summary"];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "import-rules-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "tsconfig.json"), "{}");
    const plant = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    for (const file of INNOCENT) plant(file, "export const nothing = 0;\n");
    plant("lib/b.ts", 'import type { x } from "./a.ts";\nexport type X = typeof x;\n');
    for (const [, file, imports] of PLANTED)
      plant(file, `import * as it from "${imports}";\nexport const x = it;\n`);
    found = await cruise(folder, ["lib", "db", "gateway", "subgraphs", "mocks", "dashboard"]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(PLANTED)("%s catches %s importing %s", (rule, file) => {
    expect(
      found.violations.filter(({ from }) => from === file).map((violation) => violation.rule.name),
    ).toContain(rule);
  });

  it("leave innocent files alone", () => {
    expect(found.violations.filter(({ from }) => INNOCENT.includes(from))).toEqual([]);
  });

  it("see every TypeScript file of the project, and what it imports", async () => {
    const parts = ["lib", "db", "gateway", "subgraphs", "mocks", "standalone"];
    const { modules } = await cruiseModules(root, parts);
    const seen = new Map(modules.map(({ source, dependencies }) => [source, dependencies]));
    const files = parts.flatMap((part) =>
      readdirSync(join(root, part), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => `${part}/${file}`),
    );
    expect(files.filter((file) => !seen.has(file))).toEqual([]);
    const importing = files.filter((file) => /^import /m.test(readFileSync(join(root, file), "utf8")));
    expect(importing.length).toBeGreaterThan(300);
    expect(importing.filter((file) => seen.get(file)?.length === 0)).toEqual([]);
  });
});
