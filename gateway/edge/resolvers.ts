import { badInput } from "../../lib/errors.ts";
import { scalars } from "../../lib/scalars.ts";
import type { SubgraphHealth } from "../transport/guard.ts";
import type { Resolvers } from "./generated/resolver-types.ts";

const MOST = 100;

export const resolvers = {
  DateTime: scalars.DateTime,
  Query: {
    gatewayHealth: (_parent, _args, { gateway }) => gateway,
  },
  Subscription: {
    subgraphHealth: {
      subscribe: (_parent, { name }, { gateway }) => gateway.watchSubgraphs(name ?? undefined),
      resolve: (health: SubgraphHealth) => health,
    },
  },
  GatewayHealth: {
    subgraphs: (gateway) => gateway.subgraphs(),
    supergraph: (gateway) => gateway.supergraph(),
    planCache: (gateway) => gateway.planCache(),
    subscriptions: (gateway) => gateway.subscriptions(),
    requests: (gateway) => gateway.requests(),
    slowOperations: (gateway, { first }) =>
      gateway.slowOperations().slice(0, requireCount("slowOperations.first", first)),
  },
  SubgraphHealth: {
    circuitBreaker: ({ circuit, transitions }) => ({ ...circuit, transitions }),
  },
  CircuitBreaker: {
    transitions: ({ transitions }, { last }) => transitions.slice(0, requireCount("transitions.last", last)),
  },
} satisfies Resolvers;

/** @throws CodedError BAD_USER_INPUT */
function requireCount(field: string, count: number): number {
  if (count >= 1 && count <= MOST) return count;
  throw badInput(field, count, `1 to ${MOST}`);
}
