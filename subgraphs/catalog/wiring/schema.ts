import { readFileSync } from "node:fs";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { defaultFieldResolver, parse, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { auditMutations, type RecordAttempt } from "../../../lib/audited.ts";
import { guardSchema, requirementsOf } from "../../../lib/authorization.ts";
import { isCodedError } from "../../../lib/errors.ts";
import type { Context } from "../context.ts";
import { recordDenial } from "../operations/audit-attempts.ts";
import { plmMutations, resolvers } from "../resolvers/index.ts";

/** The executable schema; every protected field checks its caller, and every attempted mutation is recorded. */
export function loadSchema(record: RecordAttempt): GraphQLSchema {
  const typeDefs = parse(readFileSync(new URL("../../../schema/catalog.graphql", import.meta.url), "utf8"));
  const plm = auditMutations(plmMutations, record);
  const recorded = { ...resolvers, Mutation: { ...resolvers.Mutation, ...plm } };
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: recorded }]);
  return auditRefusals(guardSchema(schema, requirementsOf(typeDefs)));
}

type Call = Parameters<GraphQLFieldResolver<unknown, Context>>;

/** Whoever lacks the scope of a mutation leaves an entry in the audit log; use cases tell of all other refusals. */
function auditRefusals(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const guarded = field.resolve ?? defaultFieldResolver;
    field.resolve = (...call: Call): unknown => {
      try {
        return guarded(...call);
      } catch (error) {
        const [, args, { work, actor }] = call;
        const isRefusal =
          isCodedError(error) && (error.code === "FORBIDDEN" || error.code === "UNAUTHENTICATED");
        if (isRefusal)
          void recordDenial(work.orders, actor, { action: field.name, entityId: idIn(args), error });
        throw error;
      }
    };
  }
  return schema;
}

const LONGEST_ID = 100;

function idIn(args: Readonly<Record<string, unknown>>): string | null {
  const input = typeof args["input"] === "object" && args["input"] !== null ? args["input"] : args;
  const id: unknown = "id" in input ? input.id : undefined;
  return typeof id === "string" && id.length <= LONGEST_ID ? id : null;
}
