import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { depth } from "../support/depth.ts";
import { waitFor } from "../../lib/wait.ts";
import { type Topology, startTopology } from "./support/topology.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const EXAMPLES = ["client/example.ts", "client/examples/urql.ts", "client/examples/apollo.ts"] as const;
/** What a user of the client has installed beside it. */
const BESIDE = [
  "@apollo/client",
  "@graphql-typed-document-node/core",
  "@types/node",
  "@urql/core",
  "graphql",
  "graphql-ws",
];

/** Packing and type-checking take TypeScript, which `npm test` does without. */
describe.runIf(depth(0, 1) > 0)("the client, packed and installed in an empty folder,", () => {
  const folder = mkdtempSync(join(tmpdir(), "packed-client-"));
  let system: Topology;
  beforeAll(async () => {
    const npm = (cwd: string, ...args: string[]) => execFileSync("npm", args, { cwd, encoding: "utf8" });
    npm(join(ROOT, "client"), "pack", "--pack-destination", folder);
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const pack = "lifecycle-gateway-client-0.1.0.tgz";
    npm(folder, "install", "--offline", "--legacy-peer-deps", "--no-audit", `./${pack}`);
    for (const name of BESIDE) {
      mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
      symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
    }
    for (const example of EXAMPLES) {
      const text = readFileSync(join(ROOT, example), "utf8")
        .replaceAll(/"(\.\.\/)+schema\/generated\/documents\.ts"/g, '"lifecycle-gateway-client/documents"')
        .replaceAll('"./live-client.ts"', '"lifecycle-gateway-client"');
      writeFileSync(join(folder, basename(example)), text);
    }
    writeFileSync(join(folder, "tsconfig.json"), TSCONFIG);
    system = await startTopology("one process");
  });
  afterAll(async () => {
    await system.close();
    rmSync(folder, { recursive: true });
  });

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
    const wrong = readFileSync(join(folder, "urql.ts"), "utf8").replace("{ first: 5 }", '{ first: "five" }');
    writeFileSync(join(folder, "wrong.ts"), wrong);
    expect(check()).toMatch(/wrong\.ts.*error TS2322: Type 'string' is not assignable to type 'number'/);
  });

  test.each(EXAMPLES)("lists projects and follows a budget, as %s shows it", async (example) => {
    const args = [basename(example), system.urls.gateway, await system.token("admin")];
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const output of [child.stdout, child.stderr])
      output.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await waitFor(() => /^\w+: [\d.]+ USD spent$/m.test(said), { what: "an event" }).catch(() => undefined);
    child.kill("SIGKILL");
    expect(said).toMatch(/^1 Online configurator for the LX24: \w+$/m);
    expect(said).toMatch(/^\w+: [\d.]+ USD spent$/m);
  });
});

const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: "es2024",
    module: "nodenext",
    strict: true,
    noEmit: true,
    types: ["node"],
    skipLibCheck: true,
  },
  include: ["*.ts"],
});
