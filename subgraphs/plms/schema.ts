import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { isInputObjectType, parse, valueFromAST, type GraphQLSchema } from "graphql";
import { auditMutations, auditRefusals, type RecordAttempt } from "../kit/audited.ts";
import { guardSchema, requirementsOf } from "../../lib/authorization.ts";
import { resolvers } from "./resolvers/index.ts";

/** The executable schema; every protected field checks its caller, and every attempted mutation is recorded. */
export function loadSchema(record: RecordAttempt): GraphQLSchema {
  const typeDefs = parse(readFileSync(new URL("../../schema/plms.graphql", import.meta.url), "utf8"));
  const recorded = { ...resolvers, Mutation: auditMutations(resolvers.Mutation, record) };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: recorded }]);
  rereadDefaults(schema);
  return auditRefusals(guardSchema(schema, requirementsOf(typeDefs)), record);
}

/** Defaults were read before the enums got their inner values, which introspection would not recognise. */
function rereadDefaults(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap()).filter(isInputObjectType)) {
    for (const field of Object.values(type.getFields())) {
      const written = field.astNode?.defaultValue;
      if (written) field.defaultValue = valueFromAST(written, field.type);
    }
  }
}
