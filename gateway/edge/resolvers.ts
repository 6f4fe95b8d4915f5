import { badInput } from "../../lib/errors.ts";
import { scalars } from "../../lib/scalars.ts";
import type { SubgraphHealth } from "../transport/guard.ts";
import { requireDemo } from "./demo.ts";
import type { Resolvers } from "./generated/resolver-types.ts";

const MOST = 100;

export const resolvers = {
  DateTime: scalars.DateTime,
  Query: {
    gatewayHealth: (_parent, _args, { gateway }) => gateway,
    demo: (_parent, _args, { demo }) => demo ?? null,
  },
  Mutation: {
    setDemoFault: (_parent, { fault }, context) => {
      const demo = requireDemo(context.demo);
      demo.setFault(fault ?? null);
      return demo;
    },
  },
  Demo: {
    fault: (demo) => demo.fault(),
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
    streams: (gateway, { first }) => gateway.streams().slice(0, requireCount("streams.first", first)),
    history: (gateway, { from, to }) => gateway.history({ from, to: to ?? undefined }),
    operationPlan: (gateway, { name }) => gateway.operationPlan(requireName(name)),
  },
  GatewayHistory: {
    operations: ({ operations }, { first }) => operations.slice(0, requireCount("operations.first", first)),
    lag: ({ lag }) => [...lag],
  },
  OperationLoad: {
    averageMs: ({ totalMs, calls }) => totalMs / calls,
  },
  SubgraphHealth: {
    circuitBreaker: ({ circuit, transitions }) => ({ ...circuit, transitions }),
  },
  CircuitBreaker: {
    transitions: ({ transitions }, { last }) => transitions.slice(0, requireCount("transitions.last", last)),
  },
} satisfies Resolvers;

const LONGEST_NAME = 80;

/** @throws CodedError BAD_USER_INPUT */
function requireName(name: string): string {
  if (name.length >= 1 && name.length <= LONGEST_NAME) return name;
  throw badInput("operationPlan.name", name.slice(0, LONGEST_NAME), `1 to ${LONGEST_NAME} characters`);
}

/** @throws CodedError BAD_USER_INPUT */
function requireCount(field: string, count: number): number {
  if (count >= 1 && count <= MOST) return count;
  throw badInput(field, count, `1 to ${MOST}`);
}
