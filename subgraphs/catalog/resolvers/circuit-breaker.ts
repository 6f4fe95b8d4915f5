import type {
  CircuitBreakerResolvers,
  MutationResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import {
  isolateCircuit,
  listTransitions,
  PLM_CIRCUIT,
  readCircuit,
  releaseCircuit,
  watchCircuit,
} from "../operations/circuits.ts";
import type { CircuitSnapshot } from "../operations/ports.ts";
import { actorOf } from "./plm-config.ts";

export const circuitQueries: QueryResolvers = {
  plmCircuitBreaker: (_parent, _args, { circuits }) => readCircuit(circuits, PLM_CIRCUIT),
};

export const circuitMutations: MutationResolvers = {
  isolateCircuit: (_parent, input, context) => isolateCircuit(context.circuits, input, actorOf(context)),
  releaseCircuit: (_parent, input, context) => releaseCircuit(context.circuits, input, actorOf(context)),
};

export const circuitSubscriptions: SubscriptionResolvers = {
  circuitBreaker: {
    subscribe: (_parent, { name }, { circuits }) => watchCircuit(circuits, name ?? PLM_CIRCUIT),
    resolve: (snapshot: CircuitSnapshot) => snapshot,
  },
};

export const CircuitBreaker: CircuitBreakerResolvers = {
  transitions: ({ name }, { last }, { circuits }) => listTransitions(circuits, { circuit: name, last }),
};
