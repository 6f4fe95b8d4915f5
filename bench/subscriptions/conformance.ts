import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Conformance {
  passed: number;
  of: number;
  failed: readonly string[];
}

interface VitestReport {
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

const ROOT = join(import.meta.dirname, "../..");

/** How many rules of graphql-transport-ws a gateway keeps, by the conformance suite of the tests. */
export async function conformanceOf(url: string, query: string): Promise<Conformance> {
  const folder = mkdtempSync(join(tmpdir(), "bench-conformance-"));
  const file = join(folder, "report.json");
  const env = { ...process.env, SUBSCRIPTION_TARGET: url, SUBSCRIPTION_QUERY: query };
  const suite = "test/subscriptions/conformance.test.ts";
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const flags = ["run", suite, "--reporter=json", `--outputFile=${file}`];
  await new Promise((resolve) => execFile(process.execPath, [vitest, ...flags], { cwd: ROOT, env }, resolve));
  const report = JSON.parse(readFileSync(file, "utf8")) as VitestReport;
  rmSync(folder, { recursive: true });
  const rows = report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === "passed" || status === "failed");
  const failed = rows.filter(({ status }) => status === "failed").map(({ fullName }) => fullName);
  return { passed: rows.length - failed.length, of: rows.length, failed };
}
