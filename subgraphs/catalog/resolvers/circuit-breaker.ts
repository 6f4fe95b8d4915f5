import type {
  CircuitBreakerResolvers,
  QueryResolvers,
  SubscriptionResolvers,
} from "../generated/resolver-types.ts";
import { listTransitions, PLM_CIRCUIT, readCircuit, watchCircuit } from "../operations/circuits.ts";
import type { CircuitSnapshot } from "../operations/ports.ts";

export const circuitQueries: QueryResolvers = {
  plmCircuitBreaker: (_parent, _args, { circuits }) => readCircuit(circuits, PLM_CIRCUIT),
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
