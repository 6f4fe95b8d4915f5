import { z } from "zod";
import { NotMeasurable } from "../../operations/kpi-ports.ts";

/** How many tests ran, skipped ones left out, and how many of them passed. */
export interface TestReport {
  passed: number;
  total: number;
}

const count = z.number().int().min(0);

/** Of vitest and jest, of pytest-json-report, and the bare numbers. */
const jsonReport = z.union([
  z
    .object({
      numTotalTests: count,
      numPassedTests: count,
      numPendingTests: count.default(0),
      numTodoTests: count.default(0),
    })
    .transform((report) => ({
      passed: report.numPassedTests,
      total: report.numTotalTests - report.numPendingTests - report.numTodoTests,
    })),
  z
    .object({ summary: z.object({ total: count, passed: count.default(0), skipped: count.default(0) }) })
    .transform(({ summary }) => ({ passed: summary.passed, total: summary.total - summary.skipped })),
  z.object({ passed: count, total: count }),
]);

/** @throws NotMeasurable when the text is no report that we know */
export function parseJsonReport(text: string): TestReport {
  const report = jsonReport.safeParse(jsonOf(text));
  if (report.success) return report.data;
  throw new NotMeasurable(
    "the test report is not one of vitest, jest or pytest-json-report, nor {passed, total}",
  );
}

const TAG = /<(\/?)(testcase|failure|error|skipped)\b(?:[^>"']|"[^"]*"|'[^']*')*?(\/?)>/g;

/**
 * Test cases of a JUnit XML report: one without a failure, an error or a skip in it has passed. No entity is
 * expanded and no declaration followed.
 *
 * @throws NotMeasurable when the text is no such report
 */
export function parseJUnit(text: string): TestReport {
  const bare = text.replaceAll(/<!--[\s\S]*?-->/g, "").replaceAll(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  if (!/<testsuites?\b/.test(bare)) throw new NotMeasurable("the test report is not JUnit XML");
  const report = { passed: 0, total: 0 };
  let current: string | undefined;
  for (const [, closing, name = "", selfClosing] of bare.matchAll(TAG)) {
    if (name !== "testcase") {
      if (current !== undefined && closing === "" && current !== "skipped") current = name;
      continue;
    }
    if (closing === "") current = "passed";
    if (closing === "" && selfClosing === "") continue;
    if (current !== "skipped") report.total += 1;
    if (current === "passed") report.passed += 1;
    current = undefined;
  }
  return report;
}

const lintReport = z.union([
  // SARIF: what is suppressed, or is no failure, is no finding.
  z
    .object({
      runs: z.array(
        z.object({
          results: z.array(
            z.object({ kind: z.string().default("fail"), suppressions: z.array(z.unknown()).default([]) }),
          ),
        }),
      ),
    })
    .transform(
      ({ runs }) =>
        runs
          .flatMap(({ results }) => results)
          .filter(({ kind, suppressions }) => kind === "fail" && suppressions.length === 0).length,
    ),
  z.object({ diagnostics: z.array(z.unknown()) }).transform(({ diagnostics }) => diagnostics.length),
  // ESLint: a list of files with their counts.
  z
    .array(z.object({ errorCount: count, warningCount: count }))
    .transform((files) => files.reduce((sum, file) => sum + file.errorCount + file.warningCount, 0)),
]);

/** How much a linter found, by its SARIF, ESLint or oxlint report. @throws NotMeasurable for anything else */
export function parseLintReport(text: string): number {
  const report = lintReport.safeParse(jsonOf(text));
  if (report.success) return report.data;
  throw new NotMeasurable("the linter report is neither SARIF nor the JSON of ESLint or oxlint");
}

/** @throws NotMeasurable when the text is no JSON */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NotMeasurable("the file is not JSON");
  }
}
