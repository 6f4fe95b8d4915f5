import type { Clock } from "../../../../lib/clock.ts";
import { backlogGrowthPerMinute, isFallingBehind, type BacklogSample } from "../domain/backlog.ts";
import type { UsageOutbox } from "../ports.ts";
import type { UsageBacklog } from "./ports.ts";

export interface UsageStatus extends UsageBacklog {
  growthPerMinute: number | null;
  fallingBehind: boolean;
}

/** The outbox as people and alerts look at it. */
export interface UsageMonitor {
  /** Notes how much is waiting; to be called every so often. */
  sample(): Promise<void>;
  status(): Promise<UsageStatus>;
}

const HORIZON_MS = 600_000;

/** Watches how the backlog develops over ten minutes. */
export function createUsageMonitor(outbox: Pick<UsageOutbox, "backlog">, clock: Clock): UsageMonitor {
  const samples: BacklogSample[] = [];
  const note = (pending: number) => {
    const atMs = clock.monotonicMs();
    samples.push({ atMs, pending });
    while (samples[0] && atMs - samples[0].atMs > HORIZON_MS) samples.shift();
  };
  return {
    sample: async () => note((await outbox.backlog(clock.now())).pending),
    status: async () => {
      const backlog = await outbox.backlog(clock.now());
      const growthPerMinute = backlogGrowthPerMinute(samples);
      return {
        ...backlog,
        growthPerMinute,
        fallingBehind: isFallingBehind({ growthPerMinute, oldestSeconds: backlog.oldestSeconds }),
      };
    },
  };
}
