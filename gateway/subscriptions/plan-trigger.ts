import { GraphQLError, type ExecutionResult } from "graphql";
import { isCodedError, messageOf } from "../../lib/errors.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { asGraphQLError } from "../errors/errors.ts";
import { isSubscriptionPlan, type Operation, type SubscriptionPlan } from "../execution/engine.ts";
import type { Generation } from "../generations/generations.ts";
import { askForVersion, type VersionedRequest } from "./event-version.ts";

/** What a trigger needs of a supergraph: where its events come from, and how each becomes complete. */
export interface TriggerPlan extends VersionedRequest {
  subgraph: string;
  endpoint: GraphQLEndpoint;
  complete: SubscriptionPlan["complete"];
}

/** Plans a subscription; what is wrong with it, or with us, comes back as errors. */
export function planTrigger(
  generation: Generation,
  operation: Operation,
): TriggerPlan | readonly GraphQLError[] {
  const plan = attempt(() => generation.engine.planSubscription(operation));
  if (!isSubscriptionPlan(plan)) return plan.errors ?? [];
  return {
    subgraph: plan.subgraph,
    complete: (event, caller) => plan.complete(event, caller),
    endpoint: generation.endpointOf(plan.subgraph),
    ...askForVersion(plan, generation.supergraph),
  };
}

/** Two plans that ask the same of the same subgraph can share one stream. */
export const asksTheSame = (a: TriggerPlan, b: TriggerPlan): boolean =>
  a.endpoint === b.endpoint && JSON.stringify(a.request) === JSON.stringify(b.request);

/** An operation is valid when it comes here: that it cannot be planned is our fault, and not told in the planner's words. */
function attempt(plan: () => SubscriptionPlan | ExecutionResult): SubscriptionPlan | ExecutionResult {
  try {
    return plan();
  } catch (error) {
    if (isCodedError(error)) return { errors: [asGraphQLError(error)] };
    const problem = `a subscription cannot be planned: ${messageOf(error)}`;
    return { errors: [error instanceof GraphQLError ? error : new GraphQLError(problem)] };
  }
}
