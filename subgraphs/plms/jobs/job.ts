import { startRounds, type Rounds, type RoundsOptions } from "../../kit/rounds.ts";
import type { PlmsDeps } from "../deps.ts";
import { whenLeader } from "../adapters/leader.ts";
import type { Queue } from "../adapters/queue.ts";
import type { PlmsConfig } from "../config.ts";
import type { Ports } from "../ports.ts";

/** What jobs work with. */
export interface JobOptions {
  config: PlmsConfig;
  deps: PlmsDeps;
  ports: Ports;
  queue: Queue;
}

/** Something that goes on beside the requests until it is closed. */
export interface Ongoing {
  close(): Promise<void>;
}

export interface Job extends Pick<RoundsOptions, "everyMs" | "spacingMs" | "round"> {
  /** What replicas agree by on who does it, and what the log calls it. */
  name: string;
}

/** Repeats a job until it is closed, in one of the replicas at a time; a round that fails is told of and forgotten. */
export const startJob = (
  { name, round, ...pauses }: Job,
  { db, log }: Pick<PlmsDeps, "db" | "log">,
): Rounds =>
  startRounds({
    ...pauses,
    round: () => whenLeader(db, name, round),
    onError: (err) => log.error({ err, job: name }, "a round of a job failed"),
  });
