import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";

const root = resolve(import.meta.dirname, "../..");
const PACKAGE = `node_modules/node-${process.platform}-${process.arch}/bin`;

/** An installed project in a folder with a space: a file of its own, a command, and no bin link of Node. */
describe("the launcher of the npm scripts", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "the launcher "));
    copyFileSync(join(root, "run.cjs"), join(folder, "run.cjs"));
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "own.ts"), TELL);
    writeFileSync(join(folder, "node_modules/command.mjs"), `#!/usr/bin/env node\n${TELL}`);
    symlinkSync("../command.mjs", join(folder, "node_modules/.bin/command"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const installNode = (program: string) => {
    mkdirSync(join(folder, PACKAGE), { recursive: true });
    writeFileSync(join(folder, PACKAGE, "node"), program);
    chmodSync(join(folder, PACKAGE, "node"), 0o755);
  };
  const PINNED = `#!/bin/sh\nPINNED=yes exec "${process.execPath}" "$@"\n`;

  /** Launches as a Node of that version would. */
  const launch = (version: string, ...args: string[]) => {
    const pretend = join(folder, "pretend.cjs");
    const versions = `{ ...process.versions, node: "${version}" }`;
    writeFileSync(pretend, `Object.defineProperty(process, "versions", { value: ${versions} });`);
    const command = ["-r", pretend, join(folder, "run.cjs"), ...args];
    const { promise, resolve: done } = Promise.withResolvers<{
      code: unknown;
      stdout: string;
      stderr: string;
    }>();
    execFile(process.execPath, command, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, stdout, stderr }),
    );
    return promise;
  };

  test("gives Node the options that stand before the name", async () => {
    installNode('#!/bin/sh\necho "$@"\n');
    const { stdout } = await launch("20.19.0", "--cpu-prof", "--title=x", "own.ts", "--flag");
    expect(stdout).toBe(`--cpu-prof --title=x ${join(folder, "own.ts")} --flag\n`);
  });

  test.each(["own.ts", "command"])("runs %s on the pinned Node, with its arguments", async (name) => {
    installNode(PINNED);
    const { code, stdout } = await launch("20.19.0", name, "--flag", "two words");
    expect({ code, ...(JSON.parse(stdout) as object) }).toEqual({
      code: 7,
      args: ["--flag", "two words"],
      pinned: "yes",
      path: join(folder, PACKAGE),
    });
  });

  test("runs on its own Node when that is new enough and there is no pinned one", async () => {
    const { code, stdout } = await launch("24.0.0", "own.ts");
    expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({ code: 7, args: [] });
  });

  test("runs on its own Node when the pinned one does not run on this machine (musl)", async () => {
    installNode("#!/lib/no-such-loader\n");
    expect(await launch("26.1.0", "own.ts")).toMatchObject({ code: 7, stderr: "" });
  });

  test("says in one line what to do when the Node is too old, even when the pinned one is there", async () => {
    installNode(PINNED);
    for (const version of ["16.20.2", "20.18.3"])
      expect(await launch(version, "own.ts")).toEqual({
        code: 1,
        stdout: "",
        stderr: `Node ${version} is too old for npm ci: install Node 20.19 or later.\n`,
      });
  });

  test("says in one line what to do when there is no Node that runs TypeScript", async () => {
    const { code, stderr } = await launch("22.22.2", "own.ts");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^There is no Node 24 here, and this one is 22\.22\.2: .*install Node 24 or later\.\n$/,
    );
  });

  test("says in one line what to do when nothing is installed", async () => {
    rmSync(join(folder, "node_modules"), { recursive: true });
    const stderr = "Nothing is installed here yet: run npm ci first.\n";
    expect(await launch("24.0.0", "own.ts")).toEqual({ code: 1, stdout: "", stderr });
  });

  test("hands signals on, and ends as the program ended", async () => {
    installNode(PINNED);
    writeFileSync(join(folder, "own.ts"), 'setInterval(() => 0, 1e6);\nconsole.log("up");');
    const launcher = spawn(process.execPath, [join(folder, "run.cjs"), "own.ts"]);
    let output = "";
    launcher.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await waitFor(() => output === "up\n");
    launcher.kill("SIGTERM");
    expect(await once(launcher, "exit")).toEqual([null, "SIGTERM"]);
  });
});

const TELL = `console.log(JSON.stringify({
  args: process.argv.slice(2),
  pinned: process.env.PINNED,
  path: process.env.PATH.split(":")[0],
}));
process.exitCode = 7;
`;
