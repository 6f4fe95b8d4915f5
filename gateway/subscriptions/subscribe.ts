import type { ExecutionResult } from "graphql";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import { mapStream, streamOf } from "../../lib/streams.ts";
import { isSubscriptionPlan, type Operation } from "../execution/engine.ts";
import type { Generation } from "../generations.ts";

/** One complete result per event of the subscription's source; a refused one yields its errors and ends. */
export function subscribe(
  { engine, endpointOf }: Generation,
  operation: Operation,
  caller: Caller,
): AsyncIterableIterator<ExecutionResult> {
  const plan = engine.planSubscription(operation);
  if (!isSubscriptionPlan(plan)) return streamOf(plan);
  const events = endpointOf(plan.subgraph).subscribe({ ...plan.request, caller });
  return mapStream(events, (event) => plan.complete(event, caller));
}
