import { readCommandLine } from "../../lib/command-line.ts";
import { badInput } from "../../lib/errors.ts";
import { runCommand } from "../../lib/process.ts";
import type { Drill } from "./support/drill.ts";
import { drills } from "./drills.ts";
import { runDrill, type DrillResult } from "./run-drill.ts";

const USAGE = `npm run drill -- NAME… | --all [--quick]

${drills.map(({ name, promise }) => `  ${name.padEnd(18)} ${promise}`).join("\n")}`;
const print = (line: string) => process.stdout.write(`${line}\n`);

await runCommand(async (interrupted) => {
  const { values, positionals } = readCommandLine(USAGE, {
    allowPositionals: true,
    options: { all: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
  });
  const chosen = values.all ? drills : positionals.map(byName);
  if (chosen.length === 0) throw new Error(`Which drill?\n\n${USAGE}`);
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
