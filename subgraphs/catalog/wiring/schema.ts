import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";
import { guardSchema, requirementsOf } from "../../../lib/authorization.ts";
import { resolvers } from "../resolvers/index.ts";

/** The executable schema; every protected field checks its caller. */
export function loadSchema(): GraphQLSchema {
  const typeDefs = parse(readFileSync(new URL("../../../schema/catalog.graphql", import.meta.url), "utf8"));
  return guardSchema(buildSubgraphSchema([{ typeDefs, resolvers }]), requirementsOf(typeDefs));
}
