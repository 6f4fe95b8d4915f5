import { GraphQLError, type ExecutionResult } from "graphql";
import { isCodedError, messageOf } from "../../lib/errors.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { EventSource } from "../event-streams/event-source.ts";
import { asGraphQLError } from "../errors/errors.ts";
import { isSubscriptionPlan, type Operation, type SubscriptionPlan } from "../execution/engine.ts";
import type { Generation } from "../generations/generations.ts";
import { askForVersion, type VersionedRequest } from "./event-version.ts";

/** What a trigger needs of a supergraph: where its events come from, and how each becomes complete. */
export interface TriggerPlan extends VersionedRequest {
  subgraph: string;
  /** Whose stream it is. Where there is a source a broker has the events, and this only knows what it refuses. */
  endpoint: GraphQLEndpoint | undefined;
  source?: EventSource | undefined;
  complete: SubscriptionPlan["complete"];
}

/** Plans a subscription; what is wrong with it, or with us, comes back as errors. */
export function planTrigger(
  generation: Generation,
  operation: Operation,
  identity: Identity,
): TriggerPlan | readonly GraphQLError[] {
  const plan = attempt(() => generation.engine.planSubscription(operation));
  if (!isSubscriptionPlan(plan)) return plan.errors ?? [];
  const { subgraph, request } = plan;
  const complete: TriggerPlan["complete"] = (event, caller) => plan.complete(event, caller);
  const stream = generation.streamOf?.(subgraph);
  if (stream)
    return fromBroker(() => stream.open(request, identity), {
      subgraph,
      request,
      complete,
      endpoint: stream.owner,
    });
  const endpoint = generation.endpointOf(subgraph);
  return { subgraph, complete, endpoint, ...askForVersion(plan, generation.supergraph) };
}

/** Positions name the events of a broker: no version is asked for. */
function fromBroker(
  open: () => EventSource,
  plan: Pick<TriggerPlan, "subgraph" | "request" | "complete" | "endpoint">,
): TriggerPlan | readonly GraphQLError[] {
  try {
    return { ...plan, source: open(), takeVersion: () => undefined };
  } catch (error) {
    if (isCodedError(error)) return [asGraphQLError(error)];
    throw error;
  }
}

/** Two plans that ask the same of the same subgraph can share one stream. */
export const asksTheSame = (a: TriggerPlan, b: TriggerPlan): boolean =>
  a.source?.key === b.source?.key &&
  (a.source !== undefined || a.endpoint === b.endpoint) &&
  JSON.stringify(a.request) === JSON.stringify(b.request);

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
