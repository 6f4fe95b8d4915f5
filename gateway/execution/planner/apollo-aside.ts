import { setTimeout as sleep } from "node:timers/promises";
import { LRUCache } from "lru-cache";
import { CodedError } from "../../../lib/errors.ts";
import { createFairTurns } from "../../../lib/fair-turns.ts";
import type { Plan, PlanRequest } from "../plan.ts";
import { PlannerProcess, type Source } from "./planner-process.ts";

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
 * A planner in two processes of its own, which does not come to an end over some operations. One that is not planned within
 * `quickMs` keeps its process, and the other one goes on with what waits: others wait for it no longer. For a minute
 * whatever its caller sends is planned by the process that has patience, one after the other.
 *
 * @returns a function that throws PlannerEnded when planning took too long; Error when there is no plan; CodedError
 *   RATE_LIMITED when too much of the caller waits
 */
export function createPlanAside({ file, quickMs, patientMs }: AsideOptions): PlanAside {
  const [quickTurns, patientTurns] = [createTurns(), createTurns()];
  let [quick, patient] = [startable(file, patientMs), startable(file, patientMs)];
  const slowCallers = new LRUCache<string, true>({ max: 10_000, ttl: SLOW_MS });
  let patiently = 0;
  const takePatience = <T>(key: string | undefined, work: () => Promise<T>): Promise<T> => {
    patiently += 1;
    return patientTurns.take(key, work).finally(() => (patiently -= 1));
  };

  return async (source, request) => {
    const { limitKey } = request;
    if (limitKey !== undefined && slowCallers.has(limitKey))
      return takePatience(limitKey, () => patient.plan(source, request));
    const planned = Promise.withResolvers<Plan>();
    await quickTurns.take(limitKey, async () => {
      const process = quick;
      // Loading takes seconds, and says nothing of the operation.
      await process.problemWith(source);
      const plan = process.plan(source, request);
      planned.resolve(plan);
      const ended = plan.catch(() => {});
      const isSlow = await Promise.race([ended.then(() => false), sleep(quickMs, true, { ref: false })]);
      if (isSlow && limitKey !== undefined) slowCallers.set(limitKey, true);
      // Where the other one is just as slow, there is nothing to go on with.
      if (!isSlow || patiently > 0) return ended;
      [quick, patient] = [patient, process];
      void takePatience(limitKey, () => ended);
      return undefined;
    });
    return planned.promise;
  };
}

/** One operation at a time, callers in turn: a process that is ended takes with it whatever waits in it. */
const createTurns = () => createFairTurns({ atOnce: 1, mostWaiting: MOST_WAITING, refuse: tooMany });

/** A process that starts when it is asked something. */
const startable = (file: string, patienceMs: number) =>
  new PlannerProcess<Plan>({ name: "planner of Apollo", file, loadingMs: 30_000, patienceMs, restMs: 0 });

const tooMany = () =>
  new CodedError("RATE_LIMITED", "Too many operations wait to be planned: send them one after the other", {
    retryable: true,
  });

/** Apollo's planner; one for all engines of this process. */
export const planAside = createPlanAside({ file: "apollo-child.ts", quickMs: 1_000, patientMs: 10_000 });
