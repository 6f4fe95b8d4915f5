import { withDatabase } from "../../db/with-database.ts";
import { systemClock } from "../../lib/clock.ts";
import { readCommandLine } from "../../lib/command-line.ts";
import { runCommand } from "../../lib/process.ts";
import { createInvariants } from "./adapters/invariants.ts";
import { allHold, holds, type InvariantReport } from "./domain/invariants.ts";
import { checkInvariants } from "./operations/check-invariants.ts";

const USAGE = `npm run invariants [-- --strict --json]

What always has to hold in the database; exit code 0 when everything does, 1 otherwise.`;
const FLAG = { type: "boolean", default: false } as const;

await runCommand(async (interrupted) => {
  const { values } = readCommandLine(USAGE, { options: { strict: FLAG, json: FLAG } });
  await withDatabase("invariants", interrupted, async (db, url) => {
    const ports = { invariants: createInvariants(db), clock: systemClock };
    const report = await checkInvariants(ports, values.strict);
    process.stdout.write(`${values.json ? asJson(report, url) : asText(report)}\n`);
    if (!allHold(report)) process.exitCode = 1;
  });
});

function asText({ invariants }: InvariantReport): string {
  return invariants
    .flatMap((invariant) => [
      `${holds(invariant) ? "ok    " : "BROKEN"}  ${invariant.name}`,
      ...invariant.violations.map((violation) => `          ${violation}`),
    ])
    .join("\n");
}

function asJson(report: InvariantReport, url: string): string {
  const { host, pathname } = new URL(url);
  const { invariants } = report;
  const failed = invariants.filter((invariant) => !holds(invariant));
  const checks = invariants.map((invariant) => {
    const { key, name, violations } = invariant;
    return [key, { name, passed: holds(invariant), violations: violations.length, errors: violations }];
  });
  return JSON.stringify(
    {
      timestamp: report.at,
      db_path: host + pathname,
      strict_mode: report.isStrict,
      checks: Object.fromEntries(checks) as object,
      summary: {
        total_checks: invariants.length,
        passed_checks: invariants.length - failed.length,
        failed_checks: failed.length,
        total_violations: failed.reduce((sum, { violations }) => sum + violations.length, 0),
        status: failed.length === 0 ? "ok" : "fail",
      },
    },
    null,
    2,
  );
}
