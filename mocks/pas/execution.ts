import type { Clock } from "../../lib/clock.ts";
import type { Outcome } from "./outcomes.ts";
import type { Task } from "./submission.ts";

/** Tasks of each lane that a run works on at once. */
const LANE_CAPS: Readonly<Record<number, number>> = {
  4200: 4,
  4201: 4,
  4202: 3,
  5100: 2,
  5101: 3,
  5102: 2,
  6100: 2,
  6101: 3,
};
const DEFAULT_LANE_CAP = 3;
/** What a timer can hold; longer waits would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Execution {
  pause(): void;
  resume(): void;
  /** Ends it for good; running tasks leave nothing behind. */
  stop(): void;
}

export interface ExecutionOptions {
  tasks: readonly Task[];
  outcomeOf: (task: Task) => Outcome;
  /** Milliseconds of work done in one real millisecond. */
  speed: number;
  clock: Clock;
  onDone: (task: Task, outcome: Outcome) => void;
  /** After the last task. */
  onFinished: () => void;
}

interface Running {
  task: Task;
  outcome: Outcome;
  /** Real milliseconds that are left, as of `sinceMs`. */
  remainingMs: number;
  sinceMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** Works on the tasks of a run over time, each lane in order, no more at once than the lane allows. */
export function createExecution(options: ExecutionOptions): Execution {
  const { tasks, outcomeOf, speed, clock, onDone, onFinished } = options;
  const lanes = Map.groupBy(tasks, (task) => task.lane_id);
  const cursors = new Map<number, number>();
  const running = new Set<Running>();
  let left = tasks.length;
  let isPaused = false;

  const arm = (job: Running) => {
    job.sinceMs = clock.monotonicMs();
    job.timer = setTimeout(() => finish(job), Math.min(job.remainingMs, LONGEST_TIMER_MS));
  };
  const beginNext = (laneId: number) => {
    const position = cursors.get(laneId) ?? 0;
    const task = lanes.get(laneId)?.[position];
    if (!task) return;
    cursors.set(laneId, position + 1);
    const outcome = outcomeOf(task);
    const job: Running = {
      task,
      outcome,
      remainingMs: outcome.durationMs / speed,
      sinceMs: 0,
      timer: undefined,
    };
    running.add(job);
    arm(job);
  };
  const finish = (job: Running) => {
    running.delete(job);
    left -= 1;
    beginNext(job.task.lane_id);
    onDone(job.task, job.outcome);
    if (left === 0) onFinished();
  };
  const disarm = () => {
    for (const job of running) {
      clearTimeout(job.timer);
      job.remainingMs = Math.max(0, job.remainingMs - (clock.monotonicMs() - job.sinceMs));
    }
  };

  for (const laneId of lanes.keys()) {
    for (let slot = 0; slot < (LANE_CAPS[laneId] ?? DEFAULT_LANE_CAP); slot += 1) beginNext(laneId);
  }
  return {
    pause: () => {
      if (isPaused) return;
      isPaused = true;
      disarm();
    },
    resume: () => {
      if (!isPaused) return;
      isPaused = false;
      for (const job of running) arm(job);
    },
    stop: () => {
      disarm();
      running.clear();
    },
  };
}
