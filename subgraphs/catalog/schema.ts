import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse, type GraphQLSchema } from "graphql";
import { auditMutations, auditRefusals, type RecordAttempt, type RecordRefusal } from "../kit/audited.ts";
import { refuseUnstorableTexts } from "../kit/checked-input.ts";
import { guardSchema, requirementsOf } from "../../lib/authorization.ts";
import { plmMutations, resolvers } from "./resolvers.ts";

/** The executable schema; every protected field checks its caller, and every attempted mutation is recorded. */
export function loadSchema(record: RecordAttempt, recordRefusal: RecordRefusal): GraphQLSchema {
  const typeDefs = parse(readFileSync(new URL("../../schema/catalog.graphql", import.meta.url), "utf8"));
  const plm = auditMutations(plmMutations, record);
  const recorded = { ...resolvers, Mutation: { ...resolvers.Mutation, ...plm } };
  const schema = refuseUnstorableTexts(buildSubgraphSchema([{ typeDefs, resolvers: recorded }]));
  return auditRefusals(guardSchema(schema, requirementsOf(typeDefs)), recordRefusal);
}
