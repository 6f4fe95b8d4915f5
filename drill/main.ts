import { parseArgs } from "node:util";
import { badInput } from "../lib/errors.ts";
import { runCommand } from "../lib/process.ts";
import type { Drill } from "./drill.ts";
import { drills } from "./drills.ts";
import { runDrill, type DrillResult } from "./run-drill.ts";

const USAGE = "npm run drill -- NAME… | --all [--quick]";
const print = (line: string) => process.stdout.write(`${line}\n`);

await runCommand(async (interrupted) => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
  });
  const chosen = values.all ? drills : positionals.map(byName);
  if (chosen.length === 0) return list();
  const results: DrillResult[] = [];
  for (const drill of chosen) {
    results.push(await runDrill(drill, { quick: values.quick, print, interrupted }));
    interrupted.throwIfAborted();
  }
  const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
  print(`\n${results.length - failed.length} of ${results.length} drills passed`);
  if (failed.length > 0) print(`failed: ${failed.join(", ")}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});

function byName(name: string): Drill {
  const drill = drills.find((known) => known.name === name);
  if (!drill) throw badInput("drill", name, `one of ${drills.map((known) => known.name).join(", ")}`);
  return drill;
}

function list(): void {
  print(`${USAGE}\n`);
  for (const { name, promise } of drills) print(`  ${name.padEnd(18)} ${promise}`);
  process.exitCode = 1;
}
