import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isFull } from "../support/depth.ts";
import { waitFor } from "../../lib/wait.ts";
import { type Topology, startTopology } from "./support/topology.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** One with documents and live client of ours, three with documents that GraphQL Code Generator's client preset makes. */
const EXAMPLES = ["example.ts", "examples/fetch.ts", "examples/urql.ts", "examples/apollo.ts"] as const;

let system: Topology;
beforeAll(async () => {
  system = await startTopology("one process");
});
afterAll(() => system.close());

/** Runs an example until it has told of an event, or for as long as that may take. */
async function sayingOf(folder: string, example: string): Promise<string> {
  const args = [example, system.urls.gateway, await system.token("admin")];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const output of [child.stdout, child.stderr])
    output.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await waitFor(() => /^\w+: [\d.]+ USD spent$/m.test(said), { what: "an event" }).catch(() => undefined);
  child.kill("SIGKILL");
  return said;
}

const LISTS_AND_FOLLOWS = /^1 Online configurator for the LX24: \w+$[\s\S]*^\w+: [\d.]+ USD spent$/m;

test.runIf(isFull).each(EXAMPLES)("client/%s lists projects and follows a budget", async (example) => {
  expect(await sayingOf(join(ROOT, "client"), example)).toMatch(LISTS_AND_FOLLOWS);
});

/** Packing and type-checking take TypeScript, which `npm test` does without. */
describe.runIf(isFull)("the client, packed and installed in an empty folder,", () => {
  const folder = mkdtempSync(join(tmpdir(), "packed client "));
  beforeAll(() => {
    const npm = (cwd: string, ...args: string[]) => execFileSync("npm", args, { cwd, encoding: "utf8" });
    npm(join(ROOT, "client"), "pack", "--pack-destination", folder);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const pack = "lifecycle-gateway-client-0.1.0.tgz";
    npm(folder, "install", "--offline", "--legacy-peer-deps", "--no-audit", `./${pack}`);
    for (const name of BESIDE) {
      mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
      symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
    }
    cpSync(join(ROOT, "client/examples"), join(folder, "examples"), { recursive: true });
    for (const name of ["example.ts", "examples/codegen.ts"]) {
      const text = readFileSync(join(ROOT, "client", name), "utf8")
        .replaceAll('"../schema/generated/documents.ts"', '"lifecycle-gateway-client/documents"')
        .replaceAll('"./live-client.ts"', '"lifecycle-gateway-client"')
        .replaceAll('"../scalars.ts"', '"lifecycle-gateway-client/scalars"');
      writeFileSync(join(folder, name), text);
    }
    writeFileSync(join(folder, "tsconfig.json"), TSCONFIG);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("is type-checked, and refuses variables that an operation does not have", () => {
    const check = () => {
      try {
        return execFileSync(process.execPath, ["run.cjs", "tsc", "-p", folder], {
          cwd: ROOT,
          encoding: "utf8",
        });
      } catch (error) {
        return (error as { stdout: string }).stdout;
      }
    };
    expect(check()).toBe("");
    for (const example of EXAMPLES.slice(1)) {
      const right = readFileSync(join(folder, example), "utf8");
      writeFileSync(
        join(folder, `examples/wrong-${basename(example)}`),
        right.replace("first: 5", 'first: "five"'),
      );
    }
    const wrong = check();
    expect(wrong.match(/wrong-\w+\.ts/g)?.toSorted()).toEqual([
      "wrong-apollo.ts",
      "wrong-fetch.ts",
      "wrong-urql.ts",
    ]);
    expect(wrong.match(/Type 'string' is not assignable to type 'number'/g)).toHaveLength(3);
  });

  test("gives its documents, its live client and its map of scalars", async () => {
    expect(await sayingOf(folder, "example.ts")).toMatch(LISTS_AND_FOLLOWS);
    const print = "console.log(JSON.stringify((await import('./examples/codegen.ts')).default.generates))";
    const config = execFileSync(process.execPath, ["--input-type=module", "-e", print], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(config).toContain('"scalars":{"DateTime":"string","USD":"number","JSON":"unknown"}');
  });
});

/** What a user of the client has installed beside it. */
const BESIDE = [
  "@apollo/client",
  "@graphql-typed-document-node/core",
  "@types/node",
  "@urql/core",
  "graphql",
  "graphql-ws",
];

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    types: ["node"],
    skipLibCheck: true,
  },
  include: ["*.ts", "examples/*.ts"],
});
