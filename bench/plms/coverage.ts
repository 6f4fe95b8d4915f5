import { parseArgs } from "node:util";
import { contains } from "../../subgraphs/plms/domain/statistics/interval.ts";
import { wilsonInterval } from "../../subgraphs/plms/domain/statistics/wilson.ts";
import { calibrationTrials } from "./calibration-trials.ts";
import { dryRunTrials, rehearsalTrials } from "./rehearsal-trials.ts";
import { burnTrials, costTrials } from "./runway-trials.ts";
import { DISTRIBUTIONS, type CostDistribution } from "./synthetic-projects.ts";
import type { Trial } from "./trial.ts";

/** How often the 90 % intervals hold over simulated projects: `node bench/plms/coverage.ts [--projects 500] [--only calibration]`. */
const { values } = parseArgs({
  options: { projects: { type: "string", default: "500" }, only: { type: "string" } },
});
const projects = Number(values.projects);

const SUBJECTS: Record<string, (distribution: CostDistribution, projects: number) => Trial[]> = {
  "rehearsal total, N 200": (d, n) => rehearsalTrials(d, n, { size: 200 }),
  "rehearsal total, N 1000": (d, n) => rehearsalTrials(d, n, { size: 1000 }),
  "rehearsal total, N 1000, 5 runs before": (d, n) => rehearsalTrials(d, n, { size: 1000, runs: 5 }),
  "dry run, N 200": (d, n) => dryRunTrials(d, n, { size: 200, runs: 0 }),
  "dry run, N 200, 5 runs before": (d, n) => dryRunTrials(d, n, { size: 200, runs: 5 }),
  "dry run, N 200, 18 runs before": (d, n) => dryRunTrials(d, n, { size: 200, runs: 18 }),
  "runway: total cost at 10 %": (d, n) => costTrials(d, n, { share: 0.1 }),
  "runway: total cost at 10 %, 5 runs before": (d, n) => costTrials(d, n, { share: 0.1, runs: 5 }),
  "runway: total cost at 50 %": (d, n) => costTrials(d, n, { share: 0.5 }),
  "runway: burn rate, 10 charges": (d, n) => burnTrials(d, n, 10),
  "runway: burn rate, 50 charges": (d, n) => burnTrials(d, n, 50),
  "calibration: next run, n 1": (d, n) => calibrationTrials(d, n, 1),
  "calibration: next run, n 5": (d, n) => calibrationTrials(d, n, 5),
  "calibration: next run, n 30": (d, n) => calibrationTrials(d, n, 30),
};

const rows = Object.entries(SUBJECTS)
  .filter(([name]) => name.includes(values.only ?? ""))
  .flatMap(([subject, trialsOf]) =>
    DISTRIBUTIONS.map((distribution) => summary(subject, distribution, trialsOf(distribution, projects))),
  );
process.stdout.write(`${table(rows)}\n${JSON.stringify({ projects, rows })}\n`);

function summary(subject: string, { name }: CostDistribution, trials: readonly Trial[]) {
  const hits = trials.filter(({ interval, truth }) => contains(interval, truth)).length;
  const { low, high } = wilsonInterval(hits, trials.length);
  const widths = trials
    .map(({ interval, truth }) => (interval.high - interval.low) / truth)
    .sort((a, b) => a - b);
  const lowShare = trials.filter(({ isLowReliability }) => isLowReliability).length / trials.length;
  const trusted = trials.filter(({ isLowReliability }) => !isLowReliability);
  const trustedHits = trusted.filter(({ interval, truth }) => contains(interval, truth)).length;
  return {
    subject,
    distribution: name,
    trials: trials.length,
    coverage: percent(hits / trials.length),
    wilson90: `${percent(low)}-${percent(high)}`,
    medianWidth: Number((widths[Math.floor(widths.length / 2)] ?? 0).toFixed(2)),
    reliabilityLow: percent(lowShare),
    coverageOfOthers: trusted.length === 0 ? "-" : percent(trustedHits / trusted.length),
  };
}

function percent(share: number): number {
  return Number((share * 100).toFixed(1));
}

function table(items: readonly Record<string, string | number>[]): string {
  const names = Object.keys(items[0] ?? {});
  const lines = items.map((item) => `| ${names.map((name) => item[name]).join(" | ")} |`);
  return [`| ${names.join(" | ")} |`, `|${names.map(() => "---").join("|")}|`, ...lines].join("\n");
}
