import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { contains } from "../../subgraphs/plms/domain/statistics/interval.ts";
import type * as runwayStatus from "../../subgraphs/plms/domain/runway-status.ts";
import type * as runway from "../../subgraphs/plms/domain/runway.ts";
import type * as taskBelief from "../../subgraphs/plms/domain/task-belief.ts";
import { budgetProject, type BudgetProject } from "./budget-projects.ts";
import { FAMILIES } from "./budget-truths.ts";

/**
 * What budgets say of projects whose true cost is hidden, side by side with another checkout in one run:
 * `node run.cjs bench/plms/budget-simulation.ts --projects 2000 --other PATH`. Constants are chosen on `--family tuning`; figures
 * are published of `--family reported`. `--truth 200` adds the Brier score of somebody who knows the truth and not the draws.
 */
const { values } = parseArgs({
  options: {
    projects: { type: "string", default: "2000" },
    family: { type: "string", default: "reported" },
    other: { type: "string" },
    truth: { type: "string", default: "0" },
  },
});

type Domain = Pick<typeof runway, "runwayOf">;
type Status = Pick<typeof runwayStatus, "standingAfter">;
type Beliefs = Pick<typeof taskBelief, "FACTORY_TASKS">;
interface Build extends Domain, Status, Beliefs {
  name: string;
}

interface Reading {
  isOver: boolean;
  isCritical: boolean;
  probability: number;
  holds: boolean;
  reliability: "high" | "medium" | "low";
  /** What is committed is more than all of the open work is expected to cost. */
  isCommittedTooMuch: boolean;
}

interface Watched {
  project: BudgetProject;
  /** In the order of `SHARES`. */
  readings: Reading[];
}

const SHARES = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);
const SHOWN = [0.1, 0.25, 0.5, 0.75, 0.9];

async function buildAt(name: string, root: string): Promise<Build> {
  const of = <T>(file: string) =>
    import(pathToFileURL(resolve(root, "subgraphs/plms/domain", file)).href) as Promise<T>;
  const [domain, status, beliefs] = await Promise.all([
    of<Domain>("runway.ts"),
    of<Status>("runway-status.ts"),
    of<Beliefs>("task-belief.ts"),
  ]);
  return {
    name,
    runwayOf: domain.runwayOf,
    standingAfter: status.standingAfter,
    FACTORY_TASKS: beliefs.FACTORY_TASKS,
  };
}

function watch({ runwayOf, standingAfter, FACTORY_TASKS }: Build, project: BudgetProject): Watched {
  let standing: ReturnType<typeof standingAfter> | null = null;
  const readings = SHARES.map((share) => {
    const { ledger, nowMs } = project.ledgerAt(share);
    const found = runwayOf(
      { ...ledger, standing: standing?.status ?? null },
      { nowMs, beliefOf: () => FACTORY_TASKS },
    );
    standing = standingAfter(standing, found.foundStatus);
    return {
      isOver: isOver(project),
      isCritical: found.status === "critical",
      probability: found.overrunProbability ?? 0,
      holds: contains(found.projectedCostInterval, project.totalUsd),
      reliability: found.reliability,
      isCommittedTooMuch: found.usdCommitted > found.projectedCostUsd - found.usdSpent + 1e-6,
    };
  });
  return { project, readings };
}

const isOver = ({ totalUsd, usdMax }: BudgetProject): boolean => totalUsd > usdMax;
const percent = (part: number, of: number): string => (of === 0 ? "-" : `${Math.round((100 * part) / of)}`);
const shareOf = <T>(items: readonly T[], holds: (item: T) => boolean) =>
  percent(items.filter(holds).length, items.length);
const percentOf = (share: number): string => `${Math.round(share * 100)} %`;
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const at = (watched: readonly Watched[], share: number): Reading[] =>
  watched.flatMap(({ readings }) => readings[Math.round(share * 20) - 1] ?? []);

/** Precision / recall in percent. */
function alarms(readings: readonly Reading[], isAlarm: (reading: Reading) => boolean): string {
  const raised = readings.filter(isAlarm);
  const right = raised.filter((reading) => reading.isOver).length;
  const over = readings.filter((reading) => reading.isOver).length;
  return `${percent(right, raised.length)}/${percent(right, over)}`;
}

const meanSquare = (errors: readonly number[]): number =>
  errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length;
const brierOf = (readings: readonly Reading[]): number =>
  meanSquare(readings.map((reading) => reading.probability - (reading.isOver ? 1 : 0)));

function reportOf({ name }: Build, watched: readonly Watched[], truths: readonly string[]): string {
  const within = watched.filter(({ project }) => !isOver(project));
  const alarmed = within.filter(({ readings }) => readings.some(({ isCritical }) => isCritical));
  const byShare = SHOWN.map((share) => {
    const readings = at(watched, share);
    const high = readings.filter(({ reliability }) => reliability === "high");
    const others = readings.filter(({ reliability }) => reliability !== "low");
    return [
      percentOf(share),
      alarms(readings, ({ isCritical }) => isCritical),
      alarms(readings, ({ probability }) => probability >= 0.5),
      shareOf(readings, ({ holds }) => holds),
      `${shareOf(others, ({ holds }) => holds)} of ${others.length}`,
      `${shareOf(high, ({ holds }) => holds)} of ${high.length}`,
      String(readings.filter(({ isCommittedTooMuch }) => isCommittedTooMuch).length),
      brierOf(readings).toFixed(4),
    ];
  });
  const byTruth = truths.map((truth) => {
    const own = watched.filter(({ project }) => project.truth.name === truth);
    const cells = SHOWN.map((share) => {
      const readings = at(own, share);
      const others = readings.filter(({ reliability }) => reliability !== "low");
      const low = shareOf(readings, ({ reliability }) => reliability === "low");
      return `${shareOf(readings, ({ holds }) => holds)}; ${shareOf(others, ({ holds }) => holds)} of ${others.length}; ${low}`;
    });
    return [truth, ...cells, brierOf(own.flatMap(({ readings }) => readings)).toFixed(4)];
  });
  return [
    `## ${name}`,
    `Within budget and ever CRITICAL: ${alarmed.length} of ${within.length} (${percent(alarmed.length, within.length)} %).`,
    `Brier score of the probability over all readings: ${brierOf(watched.flatMap(({ readings }) => readings)).toFixed(4)}.`,
    "",
    table(
      [
        "done",
        "CRITICAL, precision/recall",
        "P >= 0.5",
        "interval holds",
        "not LOW holds",
        "HIGH holds",
        "committed > open",
        "Brier",
      ],
      byShare,
    ),
    "",
    "The interval holds; of those that are not LOW; LOW:",
    table(["truth", ...SHOWN.map(percentOf), "Brier"], byTruth),
    "",
  ].join("\n");
}

if (values.family !== "tuning" && values.family !== "reported")
  throw new Error("--family is tuning or reported");
const family = FAMILIES[values.family];
const builds = [await buildAt("this build", resolve(import.meta.dirname, "../.."))];
if (values.other !== undefined) builds.push(await buildAt("the other build", values.other));
const projects = Array.from({ length: Number(values.projects) }, (_, seed) => budgetProject(seed, family));
process.stdout.write(
  `${projects.length} projects of the family "${values.family}", ${projects.filter(isOver).length} end over their budget\n\n`,
);
for (const build of builds) {
  const watched = projects.map((project) => watch(build, project));
  process.stdout.write(
    `${reportOf(
      build,
      watched,
      family.truths.map(({ name }) => name),
    )}\n`,
  );
}
const draws = Number(values.truth);
if (draws > 0) {
  const errors = projects.flatMap((project) =>
    SHARES.map((share) => project.chanceKnowingTheTruth(share, draws) - (isOver(project) ? 1 : 0)),
  );
  process.stdout.write(
    `Brier score of who knows the truth and not the draws: ${meanSquare(errors).toFixed(4)}\n`,
  );
}
