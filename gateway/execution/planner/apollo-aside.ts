import { LRUCache } from "lru-cache";
import { CodedError } from "../../../lib/errors.ts";
import { createFairTurns } from "../../../lib/fair-turns.ts";
import type { Plan, PlanRequest } from "../plan.ts";
import { PlannerEnded, PlannerProcess, type Source } from "./planner-process.ts";

/** How long the operations of a caller who sent one that is not quick wait for each other alone. */
const SLOW_MS = 60_000;
/** Operations of one caller that may wait. */
const MOST_WAITING = 100;

type PlanAside = (source: Source, request: PlanRequest) => Promise<Plan>;

interface AsideOptions {
  /** What the planner's processes run, from this folder. */
  file: string;
  /** Most operations take some milliseconds; whoever waits behind one that does not waits for no longer than this. */
  quickMs: number;
  /** After this an operation is given up. */
  patientMs: number;
}

/**
 * A planner in processes of its own that does not come to an end over some operations. What is not planned within
 * `quickMs` goes to a second process that has more patience, and so does for a minute whatever its caller sends: others
 * wait for neither.
 *
 * @returns a function that throws PlannerEnded when planning took too long; Error when there is no plan; CodedError
 *   RATE_LIMITED when too much of the caller waits
 */
export function createPlanAside({ file, quickMs, patientMs }: AsideOptions): PlanAside {
  const quick = laneOf(file, quickMs);
  const patient = laneOf(file, patientMs);
  const slowCallers = new LRUCache<string, true>({ max: 10_000, ttl: SLOW_MS });
  return async (source, request) => {
    const { limitKey } = request;
    if (limitKey === undefined || !slowCallers.has(limitKey)) {
      try {
        return await quick(source, request);
      } catch (error) {
        if (!(error instanceof PlannerEnded)) throw error;
        if (limitKey !== undefined) slowCallers.set(limitKey, true);
      }
    }
    return patient(source, request);
  };
}

/** One operation at a time, callers in turn: the process ends over one that takes too long, and would take others with it. */
function laneOf(file: string, patienceMs: number): PlanAside {
  const process = new PlannerProcess<Plan>({
    name: "planner of Apollo",
    file,
    // It takes seconds to load on a busy machine.
    loadingMs: 30_000,
    patienceMs,
    restMs: 0,
  });
  const turns = createFairTurns({ atOnce: 1, mostWaiting: MOST_WAITING, refuse: tooMany });
  return (source, request) => turns.take(request.limitKey, () => process.plan(source, request));
}

const tooMany = () =>
  new CodedError("RATE_LIMITED", "Too many operations wait to be planned: send them one after the other", {
    retryable: true,
  });

/** Apollo's planner; one for all engines of this process. */
export const planAside = createPlanAside({ file: "apollo-child.ts", quickMs: 1_000, patientMs: 10_000 });
