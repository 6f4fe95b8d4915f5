import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type * as runwayStatus from "../../subgraphs/plms/domain/runway-status.ts";
import type * as runway from "../../subgraphs/plms/domain/runway.ts";
import type * as taskBelief from "../../subgraphs/plms/domain/task-belief.ts";
import { budgetProject, TRUTHS, type BudgetProject } from "./budget-projects.ts";

/**
 * What budgets say of projects whose true cost is hidden, side by side with another checkout in one run:
 * `node bench/plms/budget-simulation.ts --projects 2000 --other PATH`.
 */
const { values } = parseArgs({
  options: { projects: { type: "string", default: "2000" }, other: { type: "string" } },
});

type Domain = Pick<typeof runway, "runwayOf">;
type Status = Pick<typeof runwayStatus, "standingAfter">;
type Beliefs = Pick<typeof taskBelief, "FACTORY_TASKS">;
interface Build extends Domain, Status, Beliefs {
  name: string;
}

interface Reading {
  share: number;
  isCritical: boolean;
  probability: number;
  holds: boolean;
  reliability: "high" | "medium" | "low";
  /** What is committed is more than all of the open work is expected to cost. */
  isCommittedTooMuch: boolean;
  /** Nothing is left at a probability of an overrun below 0.2. */
  isZeroWithoutDanger: boolean;
}

interface Watched {
  project: BudgetProject;
  isOver: boolean;
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
    const { low, high } = found.projectedCostInterval;
    const probability = found.overrunProbability ?? 0;
    return {
      share,
      isCritical: found.status === "critical",
      probability,
      holds: project.totalUsd >= low && project.totalUsd <= high,
      reliability: found.reliability,
      isCommittedTooMuch: found.usdCommitted > found.projectedCostUsd - found.usdSpent + 1e-6,
      isZeroWithoutDanger: found.minutesToDepletion === 0 && probability < 0.2,
    };
  });
  return { project, isOver: project.totalUsd > project.usdMax, readings };
}

const percent = (part: number, of: number): string => (of === 0 ? "-" : `${Math.round((100 * part) / of)}`);

function tableOf({ name }: Build, watched: readonly Watched[]): string {
  const at = (share: number) =>
    watched.map(({ isOver, readings }) => ({
      isOver,
      ...readings.find((reading) => Math.abs(reading.share - share) < 1e-9)!,
    }));
  const lines = SHOWN.map((share) => {
    const all = at(share);
    const critical = all.filter(({ isCritical }) => isCritical);
    const likely = all.filter(({ probability }) => probability >= 0.5);
    const over = all.filter(({ isOver }) => isOver);
    const right = (found: typeof all) => found.filter(({ isOver }) => isOver).length;
    const high = all.filter(({ reliability }) => reliability === "high");
    return [
      `${share * 100} %`,
      `${percent(right(critical), critical.length)}/${percent(right(critical), over.length)}`,
      `${percent(right(likely), likely.length)}/${percent(right(likely), over.length)}`,
      percent(all.filter(({ holds }) => holds).length, all.length),
      `${percent(high.filter(({ holds }) => holds).length, high.length)} of ${high.length}`,
      String(all.filter((reading) => reading.isCommittedTooMuch).length),
      String(all.filter((reading) => reading.isZeroWithoutDanger).length),
    ].join(" | ");
  });
  const within = watched.filter(({ isOver }) => !isOver);
  const alarmed = within.filter(({ readings }) => readings.some(({ isCritical }) => isCritical));
  const squares = watched.flatMap(({ isOver, readings }) =>
    readings.map(({ probability }) => (probability - (isOver ? 1 : 0)) ** 2),
  );
  const brier = squares.reduce((sum, square) => sum + square, 0) / squares.length;
  const coverage = TRUTHS.map(({ name: truth }) => {
    const own = watched.filter(({ project }) => project.truth.name === truth);
    const cells = SHOWN.map((share) => {
      const readings = own.map(({ readings }) =>
        readings.find((reading) => Math.abs(reading.share - share) < 1e-9)!,
      );
      const low = readings.filter(({ reliability }) => reliability === "low").length;
      const others = readings.filter(({ reliability }) => reliability !== "low");
      return `${percent(readings.filter(({ holds }) => holds).length, readings.length)} (not LOW: ${percent(others.filter(({ holds }) => holds).length, others.length)}; LOW ${percent(low, readings.length)} %)`;
    });
    return `${truth} | ${cells.join(" | ")}`;
  });
  return [
    `## ${name}`,
    "done | CRITICAL precision/recall | P >= 0.5 precision/recall | interval holds | HIGH holds | committed > open | 0 minutes at P < 0.2",
    ...lines,
    `within budget and ever CRITICAL: ${alarmed.length} of ${within.length} (${percent(alarmed.length, within.length)} %); Brier ${brier.toFixed(4)}`,
    `the 90 % interval holds, by truth at ${SHOWN.map((share) => `${share * 100} %`).join(", ")}`,
    ...coverage,
    "",
  ].join("\n");
}

const builds = [await buildAt("this build", resolve(import.meta.dirname, "../.."))];
if (values.other !== undefined) builds.push(await buildAt("the other build", values.other));
const projects = Array.from({ length: Number(values.projects) }, (_, seed) => budgetProject(seed));
const over = projects.filter(({ totalUsd, usdMax }) => totalUsd > usdMax).length;
process.stdout.write(`${projects.length} projects, ${over} end over their budget\n\n`);
for (const build of builds)
  process.stdout.write(
    `${tableOf(
      build,
      projects.map((project) => watch(build, project)),
    )}\n`,
  );
