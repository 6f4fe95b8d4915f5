import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { z } from "zod";
import { runCommand } from "../lib/process.ts";

/**
 * `npm run permissive -- DIRECTORY`: this product without the packages under the Elastic License, installed and ready to
 * start in a new directory. What it does without is said by the gateway when it loads its supergraph.
 */
const LEFT_OUT = "Elastic-2.0";

const manifestSchema = z.looseObject({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
  overrides: z.record(z.string(), z.unknown()),
});
const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ license: z.string().optional() })),
});

await runCommand(async () => {
  const [target] = process.argv.slice(2);
  if (target === undefined) throw new Error("DIRECTORY is missing: npm run permissive -- ../permissive");
  const directory = resolve(target);
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new Error(`DIRECTORY: ${target} is not empty; expected one that is, or a new one`);
  copySources(directory);
  const leftOut = leaveOut(directory);
  npm(directory, ["install", "--package-lock-only", "--ignore-scripts"]);
  npm(directory, ["ci"]);
  const left = installedUnder(directory);
  if (left.length > 0) throw new Error(`Still under ${LEFT_OUT}: ${left.join(", ")}`);
  process.stdout.write(`Left out: ${leftOut.join(", ")}\nReady: cd ${target} && npm start\n`);
});

/** Everything that is under version control, as it is here. */
function copySources(directory: string): void {
  const files = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(existsSync);
  for (const file of files) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(file, join(directory, file));
  }
}

/** Takes the packages out of the manifest, with what is said of them there; returns their names. */
function leaveOut(directory: string): string[] {
  const { packages } = lockSchema.parse(read(join(directory, "package-lock.json")));
  const file = join(directory, "package.json");
  const manifest = manifestSchema.parse(read(file));
  const isLeftOut = (name: string) => packages[`node_modules/${name}`]?.license === LEFT_OUT;
  const without = <T>(entries: Record<string, T>) =>
    Object.fromEntries(Object.entries(entries).filter(([name]) => !isLeftOut(name)));
  const { dependencies, devDependencies, overrides } = manifest;
  const changed = {
    ...manifest,
    dependencies: without(dependencies),
    devDependencies: without(devDependencies),
    overrides: without(overrides),
  };
  writeFileSync(file, `${JSON.stringify(changed, undefined, 2)}\n`);
  return Object.keys({ ...dependencies, ...devDependencies }).filter(isLeftOut);
}

/** The packages of that licence that npm has put there in spite of it, by what they say themselves. */
function installedUnder(directory: string): string[] {
  const { packages } = lockSchema.parse(read(join(directory, "node_modules/.package-lock.json")));
  return Object.keys(packages).filter((path) => {
    const manifest = join(directory, path, "package.json");
    return existsSync(manifest) && read(manifest)["license"] === LEFT_OUT;
  });
}

function read(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
}

function npm(directory: string, args: string[]): void {
  execFileSync("npm", args, { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
}
