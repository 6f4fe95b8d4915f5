import { startRounds, type Rounds, type RoundsOptions } from "../../kit/rounds.ts";
import type { SubgraphDeps } from "../../kit/run-subgraph.ts";
import { whenLeader } from "../adapters/leader.ts";

export interface Job extends Pick<RoundsOptions, "everyMs" | "spacingMs" | "round"> {
  /** What replicas agree by on who does it, and what the log calls it. */
  name: string;
}

/** Repeats a job until it is closed, in one of the replicas at a time; a round that fails is told of and forgotten. */
export const startJob = (
  { name, round, ...pauses }: Job,
  { db, log }: Pick<SubgraphDeps, "db" | "log">,
): Rounds =>
  startRounds({
    ...pauses,
    round: () => whenLeader(db, name, round),
    onError: (err) => log.error({ err, job: name }, "a round of a job failed"),
  });
