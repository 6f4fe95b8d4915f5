import type { ChargedTask, UsageEvent, UsageRefusal, UsageSource } from "../domain/usage-event.ts";

/** A run that usage may be told of, with the tasks of its project. */
export interface UsageTarget {
  executorRunId: string;
  isObserved: boolean;
  tasks: readonly ChargedTask[];
}

export interface UsagePorts {
  usageTargets: {
    /** The tenant's run under its executor's id; undefined when there is none. */
    ofRun(tenant: string, executorRunId: string): Promise<UsageTarget | undefined>;
    /** The newest observed run of the tenant's project that is not over; undefined when there is none. */
    ofProject(tenant: string, projectId: string): Promise<UsageTarget | undefined>;
  };
  usageRefusals: {
    /** Keeps them for somebody to see, each event once. */
    add(
      of: { tenant: string; source: UsageSource; at: Date },
      refusals: readonly UsageRefusal[],
    ): Promise<void>;
    /** Newest first, at most a hundred. */
    list(tenant: string): Promise<ListedRefusal[]>;
    /** Forgets those told before. */
    purge(before: Date): Promise<void>;
  };
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
