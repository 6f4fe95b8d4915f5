import { withDatabase } from "../../db/with-database.ts";
import { systemClock } from "../../lib/clock.ts";
import { badInput } from "../../lib/errors.ts";
import { runCommand } from "../../lib/process.ts";
import { createInvariants } from "./adapters/invariants.ts";
import { allHold, holds, type InvariantReport } from "./domain/invariants.ts";
import { checkInvariants } from "./operations/check-invariants.ts";

/** `node subgraphs/plms/invariants.ts [--strict] [--json]`: exit code 0 when everything holds, 1 otherwise. */
const FLAGS = ["--strict", "--json"];

await runCommand(async (interrupted) => {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => !FLAGS.includes(flag));
  if (unknown !== undefined) throw badInput("option", unknown, FLAGS.join(" or "));
  await withDatabase("invariants", interrupted, async (db, url) => {
    const ports = { invariants: createInvariants(db), clock: systemClock };
    const report = await checkInvariants(ports, flags.includes("--strict"));
    process.stdout.write(`${flags.includes("--json") ? asJson(report, url) : asText(report)}\n`);
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
