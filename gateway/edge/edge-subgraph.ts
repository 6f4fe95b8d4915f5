import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { guardSchema, requirementsOf } from "../../lib/authorization.ts";
import { createGraphQLEndpoint, type GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import type { Log } from "../../lib/log.ts";
import type { Context } from "./context.ts";
import { resolvers } from "./resolvers.ts";

/** The address under which a supergraph names the gateway's own subgraph; nobody else can serve that. */
export const EDGE_URL = "self:edge";

const SDL = new URL("../../schema/edge.graphql", import.meta.url);

/** The gateway as a subgraph: what it tells of itself and of the subgraphs behind it, in the graph like all else. */
export function createEdgeSubgraph({ gateway, demo }: Omit<Context, "caller">, log: Log): GraphQLEndpoint {
  const typeDefs = parse(readFileSync(SDL, "utf8"));
  const schema = guardSchema(buildSubgraphSchema([{ typeDefs, resolvers }]), requirementsOf(typeDefs));
  return createGraphQLEndpoint({ schema, log, createContext: (caller) => ({ caller, gateway, demo }) });
}
