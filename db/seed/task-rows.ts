import { createHash } from "node:crypto";
import type { Insertable } from "kysely";
import type { Database } from "../tables.ts";
import { LANES, type SeedLane } from "./lanes.ts";
import type { DemoProject } from "./projects.ts";

type TaskRow = Omit<Insertable<Database["plms.task_estimates"]>, "project_id" | "estimated_cost_usd"> & {
  estimated_cost_usd: string;
};

/** What a task of average effort takes before anything has been learned. */
const FACTORY_PRIOR = { tokens: 3_000, durationMs: 300_000, costUsd: 0.18 };
/** Estimates lie within this share of the prior: half its standard deviation. */
const SPREAD = 0.15;

const COMPLEXITIES = [
  { complexity: "trivial", effort: 0.4, share: 0.15 },
  { complexity: "simple", effort: 0.7, share: 0.25 },
  { complexity: "moderate", effort: 1, share: 0.3 },
  { complexity: "complex", effort: 1.6, share: 0.2 },
  { complexity: "very_complex", effort: 2.5, share: 0.1 },
] as const;

/** The tasks of a demo project, the same ones every time, dealt out to its lanes in turn. */
export function taskRows(project: DemoProject): TaskRow[] {
  const lanes = LANES.filter(({ id }) => project.laneIds.includes(id));
  return Array.from({ length: project.tasks }, (_, index) => {
    const lane = at(lanes, index);
    const fraction = (of: string) => fractionOf(`${project.name}/${index}/${of}`);
    const { complexity, effort } = complexityAt(fraction("complexity"));
    const estimate = (of: keyof typeof FACTORY_PRIOR) =>
      FACTORY_PRIOR[of] * effort * lane.effort * (1 + SPREAD * (2 * fraction(of) - 1));
    return {
      order_index: index,
      name: taskName(lane, project.about, Math.floor(index / lanes.length)),
      description: null,
      lane_id: lane.id,
      complexity,
      estimated_tokens: Math.round(estimate("tokens")),
      estimated_duration_ms: Math.round(estimate("durationMs")),
      estimated_cost_usd: estimate("costUsd").toFixed(6),
    };
  });
}

/** Every kind of work about the first subject, then about the second, and so on. */
const taskName = ({ work }: SeedLane, about: readonly string[], turn: number) =>
  `${at(work, turn)} ${at(about, Math.floor(turn / work.length))}`;

function complexityAt(fraction: number): (typeof COMPLEXITIES)[number] {
  let upTo = 0;
  return COMPLEXITIES.find(({ share }) => fraction < (upTo += share)) ?? COMPLEXITIES[2];
}

/** A number in [0, 1) that the text decides. */
const fractionOf = (text: string) => createHash("sha256").update(text).digest().readUInt32BE() / 2 ** 32;

function at<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new RangeError("nothing to choose from");
  return item;
}
