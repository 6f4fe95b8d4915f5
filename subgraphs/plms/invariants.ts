import { createDatabase } from "../../db/client.ts";
import { readDatabaseConfig } from "../../db/config.ts";
import { startEmbeddedPostgres } from "../../db/embedded.ts";
import { systemClock } from "../../lib/clock.ts";
import { badInput, messageOf } from "../../lib/errors.ts";
import { createLog, type Log } from "../../lib/log.ts";
import { createInvariants } from "./adapters/invariants.ts";
import { allHold, holds, type InvariantReport } from "./domain/invariants.ts";
import { checkInvariants } from "./operations/check-invariants.ts";

/** `node subgraphs/plms/invariants.ts [--strict] [--json]`: exit code 0 when everything holds, 1 otherwise. */
const FLAGS = ["--strict", "--json"];

async function main(flags: readonly string[]): Promise<void> {
  const unknown = flags.find((flag) => !FLAGS.includes(flag));
  if (unknown !== undefined) throw badInput("option", unknown, FLAGS.join(" or "));
  const config = readDatabaseConfig();
  const log = createLog({ name: "invariants", level: config.LOG_LEVEL });
  if (config.DATABASE_URL !== undefined) return check(config.DATABASE_URL, flags, log);
  const server = await startEmbeddedPostgres({ dataDir: config.DATA_DIR, log });
  try {
    await check(server.url, flags, log);
  } finally {
    await server.stop();
  }
}

async function check(url: string, flags: readonly string[], log: Log): Promise<void> {
  const { db, close } = createDatabase({ url, maxConnections: 1, statementTimeoutMs: 0, log });
  try {
    const ports = { invariants: createInvariants(db), clock: systemClock };
    const report = await checkInvariants(ports, flags.includes("--strict"));
    process.stdout.write(`${flags.includes("--json") ? asJson(report, url) : asText(report)}\n`);
    if (!allHold(report)) process.exitCode = 1;
  } finally {
    await close();
  }
}

const asText = ({ invariants }: InvariantReport): string =>
  invariants
    .flatMap((invariant) => [
      `${holds(invariant) ? "ok    " : "BROKEN"}  ${invariant.name}`,
      ...invariant.violations.map((violation) => `          ${violation}`),
    ])
    .join("\n");

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

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
