import { GraphQLError } from "graphql";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { isSubscriptionPlan, type Operation, type SubscriptionPlan } from "../execution/engine.ts";
import type { Generation } from "../generations/generations.ts";
import { askForVersion, type VersionedRequest } from "./event-version.ts";

/** What a trigger needs of a supergraph: where its events come from, and how each becomes complete. */
export interface TriggerPlan extends VersionedRequest {
  subgraph: string;
  endpoint: GraphQLEndpoint;
  complete: SubscriptionPlan["complete"];
}

/** Plans a subscription; what is wrong with it comes back as errors. */
export function planTrigger(
  generation: Generation,
  operation: Operation,
): TriggerPlan | readonly GraphQLError[] {
  const plan = attempt(() => generation.engine.planSubscription(operation));
  if (!plan) return [unplannable()];
  if (!isSubscriptionPlan(plan))
    return plan.errors?.map((error) => (error.extensions["code"] ? error : unplannable())) ?? [unplannable()];
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

/** Undefined for what the planner does not take, like a subscription whose only field is skipped. */
function attempt<T>(plan: () => T): T | undefined {
  try {
    return plan();
  } catch {
    return undefined;
  }
}

const unplannable = () =>
  new GraphQLError("The subscription selects nothing that could be subscribed to", {
    extensions: { code: "BAD_USER_INPUT" },
  });
