import { roundUsd } from "../../lib/usd.ts";
import { createRandom, drawNormal, seedOf, type Random } from "../seeded-random.ts";
import type { Task } from "./submission.ts";

/** What doing a task comes to. */
export interface Outcome {
  provider: string;
  tokens: number;
  durationMs: number;
  /** At most six decimals. */
  costUsd: number;
  /** Similarity of result and intention, 0-1. */
  echoCos: number;
  status: "succeeded" | "failed";
}

/** What decides an outcome: the same circumstances and task always give the same one. */
export interface Circumstances {
  seed: number;
  projectId: string | number;
  /** The how-manieth run of the project, so that later runs differ from the first. */
  runOrdinal: number;
  providers: readonly string[];
  /** Share of tasks that fail, 0-1. */
  failureRate: number;
}

/** Spread that all amounts of a task share, and spread that each has for itself (sd of the logarithm). */
const SHARED_SPREAD = 0.25;
const OWN_SPREAD = 0.12;
/** Lanes are biased by -10 % to +30 %: estimates tend to be too low. */
const LOWEST_BIAS = -0.1;
const BIAS_RANGE = 0.4;

export function outcomeOf(task: Task, circumstances: Circumstances): Outcome {
  const { seed, projectId, runOrdinal, providers, failureRate } = circumstances;
  const random = createRandom(seedOf(seed, projectId, runOrdinal, task.task_id));
  const provider = providers[Math.floor(random() * providers.length)] ?? "unknown";
  const isFailed = random() < failureRate;
  const shared = SHARED_SPREAD * drawNormal(random);
  const factor = () => multiplier({ bias: laneBias(seed, task.lane_id), shared, random });
  return {
    provider,
    tokens: Math.max(1, Math.round(task.estimated_tokens * factor())),
    durationMs: Math.max(1, Math.round(task.estimated_duration_ms * factor())),
    costUsd: roundUsd(task.estimated_cost_usd * factor()),
    echoCos: Math.round((isFailed ? 0.5 + 0.25 * random() : 0.84 + 0.14 * random()) * 10_000) / 10_000,
    status: isFailed ? "failed" : "succeeded",
  };
}

/** A lognormal multiplier whose mean over all tasks of the lane is 1 + bias. */
function multiplier(parts: { bias: number; shared: number; random: Random }): number {
  const noise = parts.shared + OWN_SPREAD * drawNormal(parts.random);
  return (1 + parts.bias) * Math.exp(noise - (SHARED_SPREAD ** 2 + OWN_SPREAD ** 2) / 2);
}

const laneBias = (seed: number, laneId: number): number =>
  LOWEST_BIAS + BIAS_RANGE * createRandom(seedOf(seed, "lane", laneId))();
