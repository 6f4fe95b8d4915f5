import { setTimeout as sleep } from "node:timers/promises";
import { whenLeader } from "../adapters/leader.ts";
import type { Part } from "./deps.ts";
import type { SubgraphDeps } from "../../kit/run-subgraph.ts";

export interface Job {
  name: string;
  /** Longest pause between two rounds, in milliseconds; the first comes after the first pause. */
  everyMs: number;
  /** Shortest pause, for a job that is told when there is work. */
  spacingMs?: number;
  round: () => Promise<unknown>;
}

/** A job that can be told that there is work. */
export interface RunningJob extends Part {
  soon(): void;
}

/** Repeats a job until it is closed, in one of the replicas at a time; a round that fails is told of and forgotten. */
export function startJob(job: Job, { db, log }: Pick<SubgraphDeps, "db" | "log">): RunningJob {
  const { name, everyMs, spacingMs = 0, round } = job;
  const closing = new AbortController();
  let called = new AbortController();
  const pause = async () => {
    await sleep(spacingMs, undefined, { signal: closing.signal });
    const signal = AbortSignal.any([closing.signal, called.signal]);
    await sleep(everyMs - spacingMs, undefined, { signal }).catch(() => closing.signal.throwIfAborted());
    called = new AbortController();
  };
  const running = (async () => {
    for (;;) {
      await pause();
      await whenLeader(db, name, round).catch((err: unknown) =>
        log.error({ err, job: name }, "a round of a job failed"),
      );
    }
  })().catch(() => undefined);
  return {
    soon: () => called.abort(),
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
