import { setTimeout as sleep } from "node:timers/promises";
import { whenLeader } from "../adapters/leader.ts";
import type { Part } from "./deps.ts";
import type { SubgraphDeps } from "../../../db/run-subgraph.ts";

export interface Job {
  name: string;
  /** Pause between two rounds, in milliseconds; the first comes after the first pause. */
  everyMs: number;
  round: () => Promise<unknown>;
}

/** Repeats a job until it is closed, in one of the replicas at a time; a round that fails is told of and forgotten. */
export function startJob({ name, everyMs, round }: Job, { db, log }: Pick<SubgraphDeps, "db" | "log">): Part {
  const closing = new AbortController();
  const running = (async () => {
    for (;;) {
      await sleep(everyMs, undefined, { signal: closing.signal });
      await whenLeader(db, name, round).catch((err: unknown) =>
        log.error({ err, job: name }, "a round of a job failed"),
      );
    }
  })().catch(() => undefined);
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
