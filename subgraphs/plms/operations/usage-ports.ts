import type { ChargedTask, UsageEvent, UsageRefusal, UsageSource } from "../domain/usage-event.ts";

/** A run that usage may be told of, with the tasks of its project. */
export interface UsageTarget {
  executorRunId: string;
  isObserved: boolean;
  tasks: readonly ChargedTask[];
}

export interface ListedRefusal extends UsageRefusal {
  id: string;
  source: UsageSource;
  toldAt: Date;
}

/** Model calls of one request, and those that could not even be read. */
export interface ToldUsage {
  tenant: string;
  source: UsageSource;
  events: readonly UsageEvent[];
  unreadable: readonly UsageRefusal[];
}

/** What became of them. */
export interface UsageCounts {
  recorded: number;
  /** Told before. */
  duplicate: number;
  refusals: readonly UsageRefusal[];
}
