import { AsyncLocalStorage } from "node:async_hooks";
import { availableParallelism } from "node:os";
import { Gauge, type Registry } from "prom-client";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { ExecutionEngine } from "../execution/engine.ts";
import type { Planner } from "../execution/plan.ts";
import { createFairTurns } from "../limits/fair-turns.ts";
import type { Limits } from "../limits/limits.ts";

/** Keeps new documents of one caller from holding up everybody else: they are read and planned in turns. */
export interface PlanningTurns {
  /**
   * Waits until a new document of a caller may be parsed and validated: one document at a time for all callers.
   *
   * @throws CodedError RATE_LIMITED when too many documents of the caller wait
   */
  wait(key: string): Promise<void>;
  /** The same engine, whose planning is put down to the caller of each operation. */
  engine(inner: ExecutionEngine): ExecutionEngine;
  /** The same planner, asked in turns. */
  planner(inner: Planner): Planner;
}

/** Plans that are made at once away from the event loop, which needs a processor for itself. */
const PLANS_AT_ONCE = availableParallelism() > 2 ? 2 : 1;

export function createPlanningTurns(
  mostWaiting: number,
  { limits, metrics }: { limits: Pick<Limits, "tooMany">; metrics: Registry },
): PlanningTurns {
  const refuse = () => limits.tooMany("planning");
  const reading = createFairTurns({ atOnce: 1, mostWaiting, refuse, rests: true });
  const planning = createFairTurns({ atOnce: PLANS_AT_ONCE, mostWaiting, refuse });
  const callers = new AsyncLocalStorage<string>();
  const inTheNameOf = <T>({ limitKey = "" }: Caller, action: () => T): T => callers.run(limitKey, action);
  const gauge: Gauge = new Gauge({
    name: "gateway_documents_waiting",
    help: "New documents that wait to be read or planned",
    registers: [],
    collect: () => gauge.set(reading.waiting() + planning.waiting()),
  });
  metrics.registerMetric(gauge);

  return {
    wait: (key) => reading.take(key, () => {}),
    engine: (inner) => ({
      ...inner,
      execute: (operation, caller) => inTheNameOf(caller, () => inner.execute(operation, caller)),
      executeText: (operation, caller) => inTheNameOf(caller, () => inner.executeText(operation, caller)),
      executeInParts: (operation, caller, deliver) =>
        inTheNameOf(caller, () => inner.executeInParts(operation, caller, deliver)),
    }),
    planner: (inner) => ({
      ...inner,
      planAsync: (request) => planning.take(callers.getStore() ?? "", () => inner.planAsync(request)),
    }),
  };
}
