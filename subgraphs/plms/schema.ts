import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { isInputObjectType, parse, valueFromAST, type GraphQLSchema } from "graphql";
import { guardSchema, requirementsOf } from "../../lib/authorization.ts";
import { resolvers } from "./resolvers/index.ts";

/** The executable schema; every protected field checks its caller. */
export function loadSchema(): GraphQLSchema {
  const typeDefs = parse(readFileSync(new URL("../../schema/plms.graphql", import.meta.url), "utf8"));
  const schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
  rereadDefaults(schema);
  return guardSchema(schema, requirementsOf(typeDefs));
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
