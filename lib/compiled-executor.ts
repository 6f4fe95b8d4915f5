import {
  execute,
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from "graphql";
import { compileQuery, isCompiledQuery } from "graphql-jit";

/** Executes one operation, like graphql-js does. */
export type Executor = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** A query compiled to functions; graphql-js itself for mutations and for what cannot be compiled. */
export function compiledExecutor(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string,
): Executor {
  const isQuery = getOperationAST(document, operationName || null)?.operation === OperationTypeNode.QUERY;
  const compiled = isQuery ? tryCompile(schema, document, operationName) : undefined;
  if (!compiled) return (args) => execute(args);
  return async (args) => {
    const result = await compiled(args.rootValue, args.contextValue, args.variableValues ?? {});
    return result.errors ? { ...result, errors: result.errors.map(asUsual) } : result;
  };
}

/** The library's errors look like those of graphql-js without being such. */
function asUsual(error: GraphQLError): GraphQLError {
  const { message, nodes, path, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    originalError: originalError ?? null,
    extensions,
  });
}

function tryCompile(schema: GraphQLSchema, document: DocumentNode, operationName: string) {
  try {
    const compiled = compileQuery(schema, document, operationName || undefined);
    return isCompiledQuery(compiled) ? compiled.query : undefined;
  } catch {
    return undefined;
  }
}
