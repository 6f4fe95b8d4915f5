import { DateTime } from "../../../lib/scalars.ts";
import type { Resolvers } from "../generated/resolver-types.ts";
import { CircuitBreaker, circuitQueries, circuitSubscriptions } from "./circuit-breaker.ts";
import { Model, modelQueries } from "./model.ts";
import { Trim, trimQueries } from "./trim.ts";

export const resolvers = {
  DateTime,
  Query: { ...modelQueries, ...trimQueries, ...circuitQueries },
  Subscription: circuitSubscriptions,
  Model,
  Trim,
  CircuitBreaker,
} satisfies Resolvers;
