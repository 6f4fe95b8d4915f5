import { readCommandLine } from "../lib/command-line.ts";
import { runCommand } from "../lib/process.ts";
import { importRules } from "./import-rules.ts";
import { importsOf, sourcesIn, violationsOf } from "./imports.ts";

const USAGE = `npm run check:imports

Holds every import of these files and folders against tools/import-rules.ts; exit code 1 when one is forbidden.`;

await runCommand(async () => {
  const { positionals } = readCommandLine(USAGE, { allowPositionals: true });
  const files = sourcesIn(process.cwd(), positionals);
  const imports = importsOf(process.cwd(), files);
  const violations = violationsOf(importRules, imports);
  for (const { rule, from, to } of violations)
    process.stdout.write(`${from} imports ${to}: ${rule.name} (${rule.comment})\n`);
  if (violations.length > 0) throw new Error(`${violations.length} imports are forbidden.`);
  process.stdout.write(`${imports.length} imports of ${files.length} files are as they may be.\n`);
});
