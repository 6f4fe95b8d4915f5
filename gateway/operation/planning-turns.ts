import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Gauge, type Registry } from "prom-client";
import type { Plan, Planner } from "../execution/plan.ts";
import { createFairTurns } from "../../lib/fair-turns.ts";
import type { Limits } from "../limits/limits.ts";

/** Keeps new documents of one caller from holding up everybody else: they are read and planned in turns. */
export interface PlanningTurns {
  /**
   * Waits until a new document of a caller may be parsed and validated: one document at a time for all callers.
   *
   * @throws CodedError RATE_LIMITED when too many documents of the caller wait
   */
  wait(key: string): Promise<void>;
  /** The same planner, asked in turns of those for whom it plans. */
  planner(inner: Planner): Planner;
}

/** Plans that are made at once away from the event loop, which needs a processor for itself. */
const PLANS_AT_ONCE = availableParallelism() > 2 ? 2 : 1;

/** A plan that takes longer, in a process that may never come to an end, holds up nobody else for longer than this. */
const HELD_MS = 500;

export function createPlanningTurns(
  mostWaiting: number,
  { limits, metrics }: { limits: Pick<Limits, "tooMany">; metrics: Registry },
): PlanningTurns {
  const refuse = () => limits.tooMany("planning");
  const reading = createFairTurns({ atOnce: 1, mostWaiting, refuse, rests: true });
  const planning = createFairTurns({ atOnce: PLANS_AT_ONCE, mostWaiting, refuse });
  const gauge: Gauge = new Gauge({
    name: "gateway_documents_waiting",
    help: "New documents that wait to be read or planned",
    registers: [],
    collect: () => gauge.set(reading.waiting() + planning.waiting()),
  });
  metrics.registerMetric(gauge);

  return {
    wait: (key) => reading.take(key, () => {}),
    planner: (inner) => ({
      ...inner,
      planAsync: (request) => {
        const planned = Promise.withResolvers<Plan>();
        const plan = () => {
          planned.resolve(inner.planAsync(request));
          return Promise.race([planned.promise, sleep(HELD_MS, undefined, { ref: false })]);
        };
        return planning.take(request.limitKey, plan).then(() => planned.promise);
      },
    }),
  };
}
